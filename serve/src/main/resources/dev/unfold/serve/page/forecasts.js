// Forecasts of a table: one at a time as a fan, all of them as numbers to take along.

import { fan } from './chart.js';
import { field, make, short } from './dom.js';

/** What /predict said of a table of series, `room` pixels wide. */
export function forecasts(said, name, room) {
  const all = said.forecasts;
  const shown = make('div');
  const show = (i) => shown.replaceChildren(fan(all[i], room), numbers(all[i]));
  const parts = [];
  if (said.note) {
    parts.push(make('p', { class: 'hint' }, `Note: ${said.note}.`));
  }
  const row = make('div', { class: 'row' });
  if (all.length > 1) {
    const choice = make('select', { onchange: () => show(Number(choice.value)) },
      all.map((each, i) => make('option', { value: i }, title(each))));
    row.append(field(`Series, ${all.length} in all`, choice));
  } else {
    parts.push(make('h3', {}, title(all[0])));
  }
  row.append(make('button', {
    type: 'button',
    class: 'quiet',
    onclick: () => save(csv(all), name.replace(/\.[^.]*$/, '') + '-forecast.csv'),
  }, 'Save as CSV'));
  show(0);
  return make('div', {}, parts, row, shown,
    make('p', { class: 'hint' }, `Model ${said.model}, version ${said.model_version}.`));
}

function title(forecast) {
  return forecast.series ? `${forecast.target} of ${forecast.series}` : forecast.target;
}

function numbers(forecast) {
  const levels = Object.keys(forecast.quantiles);
  const some = levels.length > 5
    ? levels.filter((_, i) => [0, 1, (levels.length - 1) / 2, levels.length - 2, levels.length - 1].includes(i))
    : levels;
  const head = ['time', 'mean', ...some.map((level) => `${Number(level) * 100} %`)];
  return make('details', {},
    make('summary', {}, 'Numbers'),
    make('div', { class: 'scroll' },
      make('table', {},
        make('thead', {}, make('tr', {}, head.map((text, i) =>
          make('th', { scope: 'col', class: i ? 'number' : null }, text)))),
        make('tbody', {}, forecast.times.map((time, h) => make('tr', {},
          make('td', {}, time),
          [forecast.mean[h], ...some.map((level) => forecast.quantiles[level][h])]
            .map((value) => make('td', { class: 'number' }, short(value)))))))));
}

function csv(all) {
  const levels = Object.keys(all[0].quantiles);
  const keys = Object.keys(all[0].keys);
  const lines = [[...keys, 'time', 'target', 'mean', ...levels.map((level) => `q${level}`)]];
  for (const each of all) {
    each.times.forEach((time, h) => lines.push([
      ...keys.map((key) => each.keys[key]), time, each.target, each.mean[h],
      ...levels.map((level) => each.quantiles[level][h]),
    ]));
  }
  return lines.map((line) => line.map(quoted).join(',')).join('\n') + '\n';
}

function quoted(value) {
  const text = value == null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
