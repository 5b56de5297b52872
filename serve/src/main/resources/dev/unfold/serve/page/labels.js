// Classes of sequences, and tags of words.

import { make } from './dom.js';

const MOST = 200;

/** What /predict said of sequences; of texts a line each, with these lines. */
export function labelled(said, lines = []) {
  const some = said.sequences.slice(0, MOST);
  const rest = said.sequences.length - some.length;
  return make('div', {},
    said.kind === 'tags' ? some.map(sentence) : classes(some, lines),
    rest > 0 ? make('p', { class: 'hint' }, `And ${rest} more, which the API tells.`) : null,
    make('p', { class: 'hint' }, `Model ${said.model}, version ${said.model_version}.`));
}

function sentence(sequence) {
  const words = sequence.words ?? sequence.tags.map((_, i) => String(i + 1));
  return make('p', { class: 'sentence' }, words.map((word, i) => {
    const tag = sequence.tags[i];
    const share = tag == null ? 0 : sequence.probabilities[i][tag];
    return make('span', {
      class: share < 0.5 ? 'word unsure' : 'word',
      title: Object.entries(sequence.probabilities[i]).map(told).join(', '),
    }, word, make('small', {}, tag ?? '?'));
  }));
}

function told([label, share]) {
  return `${label} ${percent(share)}`;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

function classes(sequences, lines) {
  return make('div', { class: 'scroll' },
    make('table', {},
      make('thead', {}, make('tr', {},
        ['class', 'how likely', lines.length > 0 ? 'text' : 'line', 'others'].map((text) => make('th', { scope: 'col' }, text)))),
      make('tbody', {}, sequences.map((sequence) => {
        const shares = Object.entries(sequence.probabilities);
        const [first, ...others] = shares;
        const bar = make('i');
        bar.style.width = percent(first?.[1] ?? 0).replace(' ', '');
        return make('tr', {},
          make('td', {}, make('strong', {}, sequence.label ?? '?')),
          make('td', {}, make('span', { class: 'bar', 'aria-hidden': 'true' }, bar), first ? percent(first[1]) : ''),
          make('td', { class: lines.length > 0 ? 'wide' : null }, lines[sequence.line - 1] ?? String(sequence.line)),
          make('td', {}, others.map(told).join(', ')));
      }))));
}
