// A place to drop a file on, or to type: forecasts, classes and tags.

import { ask } from './api.js';
import { field, make, problem } from './dom.js';
import { forecasts } from './forecasts.js';
import { labelled } from './labels.js';

const LEAST_HISTORY = 40;
const MOST_HISTORY = 200;
const TOP = 3;

/** The form for a model of series, classes or tags. */
export function predictForm(model) {
  const result = make('div', { 'aria-live': 'polite' });
  const troubles = make('div');
  let running = null;

  async function send(content, type, name) {
    running?.abort();
    running = new AbortController();
    troubles.replaceChildren();
    result.replaceChildren(make('p', { class: 'hint' }, `Reading ${name} ...`));
    const query = model.kind === 'series' ? `history=${history(model)}` : `top=${TOP}`;
    try {
      const response = await ask(`/v1/models/${encodeURIComponent(model.id)}/predict?${query}`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: content,
        signal: running.signal,
      });
      const said = await response.json();
      result.replaceChildren(model.kind === 'series' ? forecasts(said, name, result.clientWidth) : labelled(said, linesOf(model, content)));
    } catch (trouble) {
      if (trouble.name !== 'AbortError') {
        result.replaceChildren();
        troubles.replaceChildren(problem(trouble));
      }
    }
  }

  const sendFile = async (file) =>
    send(await file.arrayBuffer(), isJson(file.name) ? 'application/x-ndjson' : 'text/csv', file.name);
  return {
    element: make('div', {}, explained(model), dropZone(sendFile), typed(model, send), troubles, result),
    leave: () => running?.abort(),
  };
}

/** As many values before a forecast as show what it goes on from. */
function history(model) {
  return Math.max(LEAST_HISTORY, Math.min(MOST_HISTORY, 5 * model.reads.horizon));
}

/** The texts that were sent, if they were a line each. */
function linesOf(model, content) {
  if (model.reads.form !== 'lines') {
    return [];
  }
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
  return text.split(/\r\n|\r|\n/);
}

function isJson(name) {
  return /\.(jsonl|ndjson|json)$/i.test(name);
}

/** What such a file has to have. */
function explained(model) {
  const reads = model.reads ?? {};
  const list = (names) => names.join(', ');
  const parts = [];
  if (model.kind === 'series') {
    parts.push(`A table with ${list([...reads.time, ...reads.by, ...reads.targets, ...reads.past, ...reads.static, ...reads.known])}`
      + `, a row ${reads.frequency}. The model foresees ${reads.horizon} steps of ${list(reads.targets)}.`);
    if (reads.known.length > 0) {
      parts.push(`${list(reads.known)} is known in advance: add rows of the days to come, with `
        + `${list(reads.targets)} left empty.`);
    }
  } else if (reads.form === 'text' || reads.form === 'events') {
    const columns = [reads.by, reads.time, reads.text, reads.numbers, reads.texts]
      .filter(Boolean).join(', ').replaceAll('\n', ', ');
    parts.push(`A table with the columns ${columns}.`);
  } else if (reads.form === 'lines') {
    parts.push('A text a line.');
  } else if (reads.form === 'tagged') {
    parts.push('A word a line, and blank lines between sentences.');
  } else {
    parts.push('Series in the form of .ts files.');
  }
  return make('p', { class: 'hint' }, parts.join(' '));
}

function dropZone(sendFile) {
  const input = make('input', { type: 'file', id: 'file' });
  const zone = make('div', { class: 'drop' },
    make('label', { for: 'file' }, 'Drop a file here, or choose one'), input);
  input.addEventListener('change', () => input.files[0] && sendFile(input.files[0]));
  for (const name of ['dragenter', 'dragover']) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add('over');
    });
  }
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    const file = event.dataTransfer.files[0];
    if (file) {
      sendFile(file);
    }
  });
  return zone;
}

/** A box for those who have no file. */
function typed(model, send) {
  const isOfWords = model.reads?.form === 'tagged';
  const isOfLines = model.reads?.form === 'lines';
  const label = isOfWords
    ? 'Or type sentences, each on a line of its own'
    : isOfLines ? 'Or type texts, each on a line of its own' : 'Or paste rows';
  const box = make('textarea', { rows: isOfWords || isOfLines ? 3 : 4, spellcheck: 'false' });
  const form = make('form', {
    onsubmit: (event) => {
      event.preventDefault();
      const text = isOfWords ? wordLines(box.value) : box.value;
      send(text, isOfWords || isOfLines ? 'text/plain' : 'text/csv', 'what was typed');
    },
  },
  field(label, box),
  make('div', { class: 'row' }, make('button', { type: 'submit' }, 'Predict')));
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
    }
  });
  return form;
}

/** Sentences as lines of words; signs at the end of a word are words. */
function wordLines(text) {
  return text
    .split('\n')
    .map((line) => line.replace(/([.,;:!?()"]+)/g, ' $1 ').trim().split(/\s+/).filter(Boolean).join('\n'))
    .filter(Boolean)
    .join('\n\n');
}
