// Puts the page together: models to choose from, a form for the chosen one, and what goes on.

import { askJson, useKey } from './api.js';
import { make, problem } from './dom.js';
import { predictForm } from './predict.js';
import { textForm } from './text.js';
import { Learning } from './learning.js';
import { rowsForm } from './rows.js';
import { SessionPanel } from './session.js';
import { Metrics, SessionTable } from './watch.js';

const EVERY = 2000;

const at = (id) => document.getElementById(id);
const metrics = new Metrics(at('metrics'));
const learning = new Learning(at('learning-section'), at('learning'));
const session = new SessionPanel(at('session'), () => sessions.look());
const sessions = new SessionTable(at('sessions'), at('sessions-count'), useSession);
let chosen = null;
let form = null;

function tell(text, isBad) {
  const state = at('state');
  if (state.textContent !== text) {
    state.textContent = text;
  }
  state.classList.toggle('bad', isBad);
}

const KINDS = {
  text: 'text',
  series: 'series',
  classes: 'classes',
  tags: 'tags',
  sets: 'sets',
  network: 'network',
};

async function lookAtModels() {
  const { data } = await askJson('/v1/models');
  const box = at('models');
  const hadFocus = box.contains(document.activeElement);
  box.replaceChildren(...data.map((model) => card(model)));
  if (data.length === 0) {
    chosen = null;
    box.replaceChildren(make('p', { class: 'hint' }, 'None is loaded.'));
  } else if (!data.some((model) => model.id === chosen)) {
    await choose(data[0].id);
  }
  mark();
  if (hadFocus) {
    box.querySelector('[aria-checked="true"]')?.focus();
  }
}

function card(model) {
  const open = model.sessions == null
    ? 'no sessions'
    : `${model.sessions} ${model.sessions === 1 ? 'session' : 'sessions'}`;
  return make('button', {
    type: 'button',
    class: 'card',
    role: 'radio',
    'data-model': model.id,
    onclick: () => choose(model.id),
    onkeydown: (event) => move(event),
  },
  make('strong', {}, model.id),
  make('span', {}, KINDS[model.kind] ?? model.kind),
  make('span', { class: 'mono', title: `version ${model.version}` }, model.version.slice(0, 8)),
  make('span', {}, open));
}

/** Arrow keys go from one model to the next, as in any group of choices. */
function move(event) {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    const all = [...at('models').children];
    const next = all[(all.indexOf(event.currentTarget) + steps[event.key] + all.length) % all.length];
    next.focus();
    choose(next.dataset.model);
  }
}

function mark() {
  for (const each of at('models').children) {
    const is = each.dataset.model === chosen;
    each.setAttribute('aria-checked', is);
    each.tabIndex = is ? 0 : -1;
  }
}

async function choose(id) {
  if (id === chosen) {
    return;
  }
  chosen = id;
  mark();
  form?.leave?.();
  form = null;
  try {
    const model = await askJson(`/v1/models/${encodeURIComponent(id)}`);
    if (chosen === id) {
      form = formOf(model);
      at('try-title').textContent = `Try ${id}`;
      at('try').replaceChildren(form.element);
      session.choose(model);
      await learning.look(id);
    }
  } catch (trouble) {
    chosen = null;
    at('try').replaceChildren(problem(trouble));
  }
}

/** Works with a session, and chooses its model. */
async function useSession({ id, model }) {
  await choose(model);
  await session.use(id);
  at('session-title').scrollIntoView({ block: 'nearest' });
}

function formOf(model) {
  switch (model.kind) {
    case 'text':
      return textForm(model);
    case 'series':
    case 'classes':
    case 'tags':
      return predictForm(model);
    default:
      return rowsForm(model);
  }
}

async function look() {
  if (document.visibilityState === 'hidden') {
    return;
  }
  try {
    await lookAtModels();
    await sessions.look();
    await learning.look(chosen);
    await lookAtMetrics();
    tell('Connected.', false);
  } catch (trouble) {
    tell(trouble.message, true);
    if (trouble.status === 401) {
      showKey(true);
    }
  }
}

/** A server may have none. */
async function lookAtMetrics() {
  try {
    await metrics.look();
    at('metrics-section').hidden = false;
  } catch (trouble) {
    if (trouble.status !== 404) {
      throw trouble;
    }
    at('metrics-section').hidden = true;
  }
}

function showKey(is) {
  at('key-form').hidden = !is;
  at('key-open').setAttribute('aria-expanded', is);
}

at('key-open').addEventListener('click', () => {
  showKey(at('key-form').hidden);
  at('key').focus();
});
at('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  useKey(at('key').value);
  showKey(false);
  look();
});
// A file that misses its place must not be opened in place of the page.
for (const name of ['dragover', 'drop']) {
  window.addEventListener(name, (event) => event.preventDefault());
}
document.addEventListener('visibilitychange', look);

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY);
}
keepLooking();
