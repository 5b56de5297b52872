// Drives a Chromium without a window for a test: reads a command a line as JSON, answers each with {"value": ...} or
// {"error": ...}. Errors of the pages are answered to "errors".
import { chromium } from 'playwright-core';
import { createInterface } from 'node:readline';

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--hide-scrollbars'],
});
const page = await browser.newPage();
const errors = [];
page.on('pageerror', error => errors.push(String(error)));
page.on('console', message => { if (message.type() === 'error') errors.push(message.text()); });
page.on('request', request => { if (!/^(file|data):/.test(request.url())) errors.push('asked for ' + request.url()); });

const commands = {
  async open({ url, width, scheme }) {
    await page.setViewportSize({ width, height: 1000 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(url, { waitUntil: 'load' });
    await page.waitForSelector('main *');
  },
  evaluate: ({ expression }) => page.evaluate(expression),
  move: ({ x, y }) => page.mouse.move(x, y),
  wheel: ({ turn }) => page.mouse.wheel(0, turn),
  key: ({ name }) => page.keyboard.press(name),
  screenshot: ({ path }) => page.screenshot({ path, fullPage: true }).then(() => null),
  errors: () => errors,
};

console.log(JSON.stringify({ value: 'ready' }));
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await commands[command](rest)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
