// One session, step by step: opened, fed, forked, taken back, closed.

import { ask, askJson, postJson } from './api.js';
import { field, make, problem, short } from './dom.js';
import { numbers } from './numbers.js';

/** Answers that stay to be seen. */
const KEPT = 50;

/** Numbers of an output that are shown. */
const MOST = 8;

/** The session that is worked with; one at a time. */
export class SessionPanel {
  #element;
  #changed;
  #model = null;
  #session = null;
  #reads = 'rows';

  /** `changed` is called after each change of what sessions there are. */
  constructor(element, changed) {
    this.#element = element;
    this.#changed = changed;
  }

  /** Another model was chosen; a session of another one is let go of. It stays open. */
  choose(model) {
    if (this.#model?.id === model.id) {
      return;
    }
    this.#model = model;
    if (this.#session?.model !== model.id) {
      this.#session = null;
    }
    this.#show();
  }

  /** Works with a session that is open. */
  async use(id) {
    const session = await askJson(`/v1/sessions/${encodeURIComponent(id)}`);
    if (session.model !== this.#model?.id) {
      this.#model = await askJson(`/v1/models/${encodeURIComponent(session.model)}`);
    }
    this.#session = session;
    this.#show();
  }

  #show() {
    this.#element.replaceChildren(this.#session ? this.#work() : this.#opening());
  }

  #opening() {
    const name = make('input', { placeholder: 'any', maxlength: 128, autocomplete: 'off', spellcheck: 'false' });
    const troubles = make('div');
    const form = make('form', {
      onsubmit: (event) => {
        event.preventDefault();
        attempt(troubles, async () => {
          const id = name.value.trim();
          const body = id ? { model: this.#model.id, id } : { model: this.#model.id };
          this.#session = await (await postJson('/v1/sessions', body)).json();
          this.#show();
          await this.#changed();
        });
      },
    },
    make('div', { class: 'row' }, field('Name of the session', name), make('button', { type: 'submit' }, 'Open a session')));
    return make('div', {},
      make('p', { class: 'hint' }, `It keeps a state of ${this.#model.id}, which each step goes on from.`), form, troubles);
  }

  #work() {
    const session = this.#session;
    const path = `/v1/sessions/${encodeURIComponent(session.id)}`;
    const troubles = make('div');
    const answers = make('tbody');
    const where = make('p', { class: 'mono', role: 'status' });
    const marks = make('select', {});
    const back = make('button', { type: 'button', class: 'quiet' }, 'Rewind');
    const tell = (now) => {
      this.#session = { ...this.#session, ...now };
      const { id, model, step, version } = this.#session;
      where.textContent = `${id}: ${model} ${version.slice(0, 8)}, step ${step}`;
      marks.replaceChildren(...this.#session.marks.map((mark) => make('option', { value: mark }, `step ${mark}`)));
      marks.disabled = this.#session.marks.length === 0;
      back.disabled = marks.disabled;
    };
    const doing = (work) => attempt(troubles, async () => {
      await work();
      await this.#changed();
    });
    const input = this.#input();
    const form = make('form', {
      onsubmit: (event) => {
        event.preventDefault();
        doing(async () => {
          const body = { ...input.body(), expect_step: this.#session.step };
          const answer = await (await postJson(`${path}/step`, body)).json();
          tell({ step: answer.step, version: answer.version });
          answers.prepend(...this.#rows(answer).reverse());
          while (answers.children.length > KEPT) {
            answers.lastChild.remove();
          }
        });
      },
    }, input.element, make('div', { class: 'row' }, make('button', { type: 'submit' }, 'Step')));
    back.addEventListener('click', () => doing(async () => {
      tell(await (await postJson(`${path}/rewind`, { step: Number(marks.value) })).json());
      answers.replaceChildren();
    }));
    const fork = make('input', { placeholder: 'any', maxlength: 128, autocomplete: 'off', spellcheck: 'false' });
    const element = make('div', {},
      where,
      form,
      make('div', { class: 'row' },
        field('Marks', marks), back,
        button('Mark', () => doing(async () => {
          await postJson(`${path}/mark`, {});
          tell(await askJson(path));
        }))),
      make('div', { class: 'row' },
        field('Name of the fork', fork),
        button('Fork', () => doing(async () => {
          const id = fork.value.trim();
          this.#session = await (await postJson(`${path}/fork`, id ? { id } : {})).json();
          this.#show();
        })),
        button('Let go of it', () => this.#leave()),
        button('Close', () => doing(async () => {
          await ask(path, { method: 'DELETE' });
          this.#leave();
        }))),
      troubles,
      make('div', { class: 'scroll steps', tabindex: 0, 'aria-label': 'Answers, the last first' }, make('table', {},
        make('thead', {}, make('tr', {}, ['step', 'outputs'].map((text) => make('th', { scope: 'col' }, text)))),
        answers)));
    tell({});
    return element;
  }

  #leave() {
    this.#session = null;
    this.#show();
  }

  /** A box for what the model reads. */
  #input() {
    const isOfTokens = this.#model.tokens != null;
    const box = make('textarea', { rows: 2, class: 'mono', spellcheck: 'false' });
    if (!isOfTokens) {
      return {
        element: field('Rows, a line each, with blanks or commas between numbers', box),
        body: () => ({ rows: numbers(box.value), outputs: 'all' }),
      };
    }
    const isOfText = this.#model.kind === 'text';
    const kinds = isOfText ? ['text', 'tokens'] : ['tokens'];
    const kind = make('select', { onchange: () => { this.#reads = kind.value; } },
      kinds.map((name) => make('option', { value: name, selected: name === this.#reads }, name)));
    return {
      element: make('div', {},
        make('div', { class: 'row' }, field('What is read', kind)),
        field(`Text, or numbers of tokens from 0 to ${this.#model.tokens - 1}`, box)),
      body: () => (kind.value === 'text'
        ? { text: box.value, outputs: 'all' }
        : { tokens: numbers(box.value).flat(), outputs: 'all' }),
    };
  }

  #rows(answer) {
    const first = answer.step - answer.outputs.length + 1;
    const isOfShares = this.#model.tokens != null && this.#model.kind === 'text';
    const from = Math.max(0, answer.outputs.length - KEPT);
    return answer.outputs.slice(from).map((output, i) => make('tr', {},
      make('td', { class: 'number' }, String(first + from + i)),
      make('td', {}, isOfShares ? likeliest(output) : plainly(output))));
  }
}

/** The tokens that come next with the highest probabilities. */
function likeliest(shares) {
  return shares.map((share, token) => [share, token])
    .sort((a, b) => b[0] - a[0])
    .slice(0, 5)
    .map(([share, token]) => `token ${token}: ${(100 * share).toFixed(1)} %`)
    .join(', ');
}

function plainly(output) {
  const some = output.slice(0, MOST).map(short).join('  ');
  return output.length > MOST ? `${some}  and ${output.length - MOST} more` : some;
}

function button(text, onclick) {
  return make('button', { type: 'button', class: 'quiet', onclick }, text);
}

/** Does it, and says what went wrong. */
async function attempt(troubles, work) {
  troubles.replaceChildren();
  try {
    await work();
  } catch (trouble) {
    troubles.replaceChildren(problem(trouble));
  }
}
