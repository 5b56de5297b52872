// Rows of numbers for a network of which no more is known, by the Open Inference Protocol.

import { askJson, postJson } from './api.js';
import { field, make, problem } from './dom.js';
import { numbers } from './numbers.js';

/** The form for such a network. */
export function rowsForm(model) {
  const box = make('textarea', { rows: 4, class: 'mono', spellcheck: 'false' });
  const result = make('pre', { class: 'written', tabindex: 0, 'aria-label': 'What the network says' });
  const troubles = make('div');
  const form = make('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      troubles.replaceChildren();
      result.replaceChildren();
      try {
        const path = `/v2/models/${encodeURIComponent(model.id)}`;
        const { inputs } = await askJson(path);
        if (inputs.length > 1) {
          throw new Error('This network reads numbers and categories; the API takes both.');
        }
        const rows = numbers(box.value);
        const width = inputs[0].shape[2];
        const shape = width ? [1, rows.length, width] : [1, rows.flat().length];
        const response = await postJson(`${path}/infer`, {
          inputs: [{ name: inputs[0].name, datatype: inputs[0].datatype, shape, data: rows.flat() }],
        });
        const [output] = (await response.json()).outputs;
        const cols = output.shape.at(-1);
        for (let i = 0; i < output.data.length; i += cols) {
          result.append(`${output.data.slice(i, i + cols).join('  ')}\n`);
        }
      } catch (trouble) {
        troubles.replaceChildren(problem(trouble));
      }
    },
  },
  field('One sequence, a step a line, with blanks or commas between numbers', box),
  make('div', { class: 'row' }, make('button', { type: 'submit' }, 'Run')));
  return { element: make('div', {}, form, troubles, result) };
}
