// Uses the page of a server as people do: looks, types, drops files, presses keys. Tells what was wrong, a line each.
//
//     node page.mjs CHROMIUM URL TABLE.csv PICTURES
//
// TABLE.csv is for the model `shops`; PICTURES is a folder.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [executablePath, url, table, pictures] = process.argv.slice(2);
const content = readFileSync(table, 'utf8');
const faults = [];

function expect(what, is) {
  if (!is) {
    faults.push(what);
  }
}

/** Drops a file where the page wants it. */
async function drop(page, name, text) {
  const data = await page.evaluateHandle(([file, body]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([body], file, { type: 'text/csv' }));
    return transfer;
  }, [name, text]);
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
}

async function choose(page, model) {
  await page.click(`[data-model="${model}"]`);
  await page.waitForFunction(
    (name) => document.querySelector('#try-title').textContent === `Try ${name}`, model);
}

async function series(page, where) {
  await choose(page, 'shops');
  await drop(page, 'shops.csv', content);
  await page.waitForSelector('#try .chart');
  expect(`${where}: a band for each pair of quantiles`, await page.locator('#try .chart .band').count() === 5);
  expect(`${where}: a line of what was`, (await page.getAttribute('#try .chart .past', 'd')).length > 100);
  await page.focus('#try .chart');
  await page.keyboard.press('End');
  const reading = await page.textContent('#try .reading');
  expect(`${where}: the last step is read by a key: ${reading}`, /^2024-03-05: .* 95 % of cases/.test(reading));
  await page.selectOption('#try select', '1');
  expect(`${where}: the other series`,
    (await page.getAttribute('#try .chart', 'aria-label')).startsWith('Forecast of sold of south'));
  await page.screenshot({ path: `${pictures}/series-${where}.png`, fullPage: true });
  await drop(page, 'bad.csv', content.replace('2024-01-05,north', '2024-01-05T,north'));
  await page.waitForSelector('#try .problem');
  const sentence = await page.textContent('#try .problem');
  expect(`${where}: a sentence: ${sentence}`, /^[A-Z].*expected .*, but got .*\.$/.test(sentence));
}

async function labels(page, where) {
  await choose(page, 'questions');
  await page.fill('#try textarea', 'who is it\nnobody knows');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#try tbody strong');
  expect(`${where}: a row for each text`, await page.locator('#try tbody tr').count() === 2);
  await page.screenshot({ path: `${pictures}/classes-${where}.png`, fullPage: true });
  await choose(page, 'words');
  await page.fill('#try textarea', 'The dog barks.');
  await page.click('text=Predict');
  await page.waitForSelector('.word');
  expect(`${where}: a tag for each word`, await page.locator('.word small').count() === 4);
  await page.screenshot({ path: `${pictures}/tags-${where}.png`, fullPage: true });
}

async function text(page, where) {
  await choose(page, 'poem');
  await page.fill('#try textarea', 'head');
  await page.fill('label:has-text("Tokens") input', '40');
  await page.click('text=Write');
  await page.waitForFunction(() => document.querySelector('#try .written').textContent.length >= 44);
  await page.screenshot({ path: `${pictures}/text-${where}.png`, fullPage: true });
}

/** The count of a session in the panel's first line. */
async function step(page, count) {
  await page.waitForFunction(
    (n) => document.querySelector('#session [role="status"]')?.textContent.endsWith(`, step ${n}`), count);
}

async function session(page, where) {
  const panel = page.locator('#session');
  const press = (name) => panel.getByRole('button', { name, exact: true }).click();
  await choose(page, 'poem');
  await panel.getByLabel('Name of the session').fill(`s-${where}`);
  await press('Open a session');
  await step(page, 0);
  await panel.locator('textarea').fill('abc');
  await press('Step');
  await step(page, 3);
  expect(`${where}: an answer for each token`, await panel.locator('tbody tr').count() === 3);
  const first = await panel.locator('tbody tr').first().textContent();
  expect(`${where}: the likeliest tokens: ${first}`, /^3token \d+: [\d.]+ %, /.test(first));
  await press('Mark');
  await page.waitForSelector('#session option[value="3"]', { state: 'attached' });
  await panel.getByLabel('What is read').selectOption('tokens');
  await panel.locator('textarea').fill('2 3');
  await press('Step');
  await step(page, 5);
  await press('Rewind');
  await step(page, 3);
  await panel.locator('textarea').fill('2 999');
  await press('Step');
  await page.waitForSelector('#session .problem');
  const sentence = await page.textContent('#session .problem');
  expect(`${where}: a sentence: ${sentence}`, /^Tokens: expected .*, but got 999\.$/.test(sentence));
  await panel.getByLabel('Name of the fork').fill(`f-${where}`);
  await press('Fork');
  // Both are at the same step: it is the name that tells when the fork is there.
  await page.waitForFunction((name) =>
    document.querySelector('#session [role="status"]').textContent.startsWith(`${name}: poem`), `f-${where}`);
  await step(page, 3);
  await page.screenshot({ path: `${pictures}/session-${where}.png`, fullPage: true });
  await press('Close');
  await page.waitForSelector(`#sessions [data-id="f-${where}"]`, { state: 'detached' });
  await page.click(`#sessions [data-id="s-${where}"][data-does="Use"]`);
  await step(page, 3);
  await press('Let go of it');

  await choose(page, 'values');
  await press('Open a session');
  await step(page, 0);
  await panel.locator('textarea').fill('0.1, 0.2, 0.3\n0.3 0.2 0.1');
  await press('Step');
  await step(page, 2);
  const numbers = await panel.locator('tbody tr').first().textContent();
  expect(`${where}: its outputs: ${numbers}`, /^2-?[\d.e-]+ {2}-?[\d.e-]+$/.test(numbers));
  await press('Close');
  await panel.getByLabel('Name of the session').waitFor();
}

/** Lets a session read until the copy is served, while the page looks on. */
async function learning(page, where, isFirst) {
  await choose(page, 'poem');
  await page.waitForSelector('#learning .chart');
  if (isFirst) {
    expect(`${where}: somebody is promoted`, await page.evaluate(async () => {
      const ask = async (path, body) => (await fetch(path, body && {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
      })).json();
      await ask('/v1/sessions', { id: 'pupil', model: 'poem' });
      for (let i = 0; i < 5000; i++) {
        await ask('/v1/sessions/pupil/step', { text: 'abcabcabcabcabcabcab', outputs: 'none' });
        if (i % 20 === 0 && (await ask('/v1/models/poem/learning')).promotions > 0) {
          return true;
        }
      }
      return false;
    }));
    await page.waitForSelector('#learning .promotion', { state: 'attached' });
  }
  await page.waitForFunction(() => /L/.test(document.querySelector('#learning .served').getAttribute('d')));
  await page.focus('#learning .chart');
  await page.keyboard.press('End');
  const reading = await page.textContent('#learning .reading');
  expect(`${where}: losses are read by a key: ${reading}`,
    /^[\d:]{8}: served [\d.]+, copy [\d.]+, [\d,]+ labelled steps$/.test(reading));
  await page.waitForResponse((response) => response.url().endsWith('/learning'));
  expect(`${where}: the chart keeps the focus`,
    await page.evaluate(() => document.activeElement.classList.contains('chart')));
  await page.screenshot({ path: `${pictures}/learning-${where}.png`, fullPage: true });
}

/** All that can be done is reached by Tab, and models are chosen by arrows. */
async function keys(page) {
  await page.evaluate(() => document.activeElement.blur());
  const reached = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement.dataset.model
      ?? document.activeElement.id ?? document.activeElement.tagName));
  }
  const before = await page.getAttribute('[aria-checked="true"]', 'data-model');
  expect(`keys: the chosen model is reached: ${reached}`, reached.includes(before));
  await page.focus('[aria-checked="true"]');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(
    (model) => document.querySelector('[aria-checked="true"]').dataset.model !== model, before);
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const [width, colorScheme] of [[1200, 'light'], [360, 'dark']]) {
  const where = `${width}-${colorScheme}`;
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  page.setDefaultTimeout(20000);
  page.on('pageerror', (error) => faults.push(`${where}: ${error.message}`));
  page.on('console', (message) => {
    // Requests that are refused are logged by the browser; one is meant to be.
    const isMeant = message.text().includes('status of 400');
    if (message.type() === 'error' && !isMeant) {
      faults.push(`${where}: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    expect(`${where}: asked for ${request.url()}`, request.url().startsWith(url));
  });
  try {
    await page.goto(url);
    await page.waitForSelector('.card');
    await series(page, where);
    await labels(page, where);
    await text(page, where);
    await session(page, where);
    await learning(page, where, width === 1200);
    await keys(page);
    await page.waitForSelector('.tile b');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(`${where}: ${wide} pixels too wide`, wide <= 0);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = Number(/\d+/.exec(ground)[0]);
    expect(`${where}: ${ground}`, colorScheme === 'dark' ? light < 80 : light > 200);
  } catch (error) {
    faults.push(`${where}: ${error.message}`);
    await page.screenshot({ path: `${pictures}/fault-${where}.png`, fullPage: true });
  }
  await page.close();
}
await browser.close();
console.log(faults.join('\n'));
