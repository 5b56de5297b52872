// Asks the server, and tells in plain sentences what went wrong. The key is kept here and nowhere else.

let key = '';

export function useKey(text) {
  key = text.trim();
}

/** What went wrong, as a sentence. */
export class Trouble extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** The answer to a request; throws Trouble for any that is not one of success. */
export async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key) {
    headers.Authorization = `Bearer ${key}`;
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: 'no-store' });
  } catch (e) {
    if (e.name === 'AbortError') {
      throw e;
    }
    throw new Trouble('The server cannot be reached. Is it still running?', 0);
  }
  if (!response.ok) {
    throw new Trouble(await sentence(response), response.status);
  }
  return response;
}

export async function askJson(path, options) {
  return (await ask(path, options)).json();
}

export function postJson(path, body, signal) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

async function sentence(response) {
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // Something between this page and the server answered.
  }
  switch (response.status) {
    case 401:
      return 'The server asks for an API key. Press "API key" above and type it.';
    case 413:
      return `That is too long for this server. ${plain(problem.detail)}`;
    case 429:
      return `The server is busy. Try again in ${response.headers.get('Retry-After') || 1} s.`;
    default:
      return plain(problem.detail) || `The server answered with status ${response.status}.`;
  }
}

/** "body: line 3, column y: expected A, got B" as people would say it. */
export function plain(detail) {
  if (!detail) {
    return '';
  }
  const parts = /^(.*?): expected (.*), got (.*)$/s.exec(detail);
  if (!parts) {
    return ended(detail);
  }
  const where = parts[1].replace(/^body: /, '').replace(/^body$/, 'What was sent');
  return ended(`${where}: expected ${parts[2]}, but got ${parts[3]}`);
}

function ended(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
