// A box to type into: what a model of text writes comes as it is written.

import { plain, postJson, Trouble } from './api.js';
import { field, make, problem } from './dom.js';

/** The form for a model of text. */
export function textForm(model) {
  const prompt = make('textarea', { rows: 3, placeholder: 'What the model goes on from' });
  const count = make('input', { type: 'number', min: 1, max: 10000, value: 200 });
  const heat = make('input', { type: 'number', min: 0, max: 5, step: 0.1, value: 0.8 });
  const seed = make('input', { type: 'number', placeholder: 'any' });
  const write = make('button', { type: 'submit' }, 'Write');
  const stop = make('button', { type: 'button', class: 'quiet', disabled: true }, 'Stop');
  const pace = make('span', { class: 'hint', role: 'status' });
  const written = make('pre', { class: 'written', tabindex: 0, 'aria-label': 'What was written' });
  const troubles = make('div');
  let running = null;

  const form = make('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      running?.abort();
      running = new AbortController();
      const own = running;
      stop.disabled = false;
      troubles.replaceChildren();
      written.replaceChildren(make('span', { class: 'prompt' }, prompt.value));
      try {
        const body = {
          model: model.id,
          prompt: prompt.value,
          max_tokens: Number(count.value),
          temperature: Number(heat.value),
          stream: true,
        };
        if (seed.value !== '') {
          body.seed = Number(seed.value);
        }
        await stream(await postJson('/v1/completions', body, own.signal), written, pace);
      } catch (trouble) {
        if (trouble.name !== 'AbortError') {
          troubles.replaceChildren(problem(trouble));
        }
      }
      if (own === running) {
        stop.disabled = true;
      }
    },
  },
  field('Beginning', prompt),
  make('div', { class: 'row' },
    field('Tokens', count), field('Temperature', heat), field('Seed', seed), write, stop, pace));
  stop.addEventListener('click', () => running?.abort());
  prompt.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
    }
  });
  return {
    element: make('div', {}, form, troubles, written),
    leave: () => running?.abort(),
  };
}

/** Reads server-sent events until [DONE]. */
async function stream(response, written, pace) {
  const begun = performance.now();
  let count = 0;
  for await (const data of events(response.body)) {
    if (data === '[DONE]') {
      break;
    }
    const event = JSON.parse(data);
    if (event.error) {
      throw new Trouble(plain(event.error.message), 500);
    }
    const text = event.choices?.[0]?.text ?? '';
    if (text) {
      count += 1;
      const isAtEnd = written.scrollTop + written.clientHeight >= written.scrollHeight - 30;
      written.append(text);
      if (isAtEnd) {
        written.scrollTop = written.scrollHeight;
      }
    }
    const seconds = (performance.now() - begun) / 1000;
    pace.textContent = `${count} pieces, ${Math.round(count / Math.max(seconds, 0.001))} a second`;
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const lines = (rest + next.value).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) {
          yield line.slice(5).trimStart();
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
