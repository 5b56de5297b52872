// A forecast as a fan: what was, the median of what is to come, and intervals around it.

import { draw, make, short } from './dom.js';
import { axes, frame, line, read, round, scales, upright, widthFor } from './plot.js';

/** Draws a forecast of /predict, which has history, for as much room as there is. */
export function fan(forecast, room) {
  const width = widthFor(room);
  const past = forecast.history ?? { times: [], values: [] };
  const byLevel = new Map(
    Object.entries(forecast.quantiles).map(([level, values]) => [Number(level), values]));
  const levels = [...byLevel.keys()].sort((a, b) => a - b);
  const quantile = (level) => byLevel.get(level);
  const times = [...past.times, ...forecast.times];
  const seen = past.values.length;
  const all = [...past.values, ...levels.flatMap((level) => quantile(level))]
    .filter((value) => value != null);
  const scale = scales(all, times.length, width);

  const chart = frame(width,
    `Forecast of ${forecast.target}${forecast.series ? ` of ${forecast.series}` : ''}, `
      + `${forecast.times.length} steps from ${forecast.times[0]} on.`);
  axes(chart, scale, times);

  const pairs = bands(levels);
  pairs.forEach(([low, high], i) => {
    const points = [
      ...quantile(low).map((value, h) => [scale.x(seen + h), scale.y(value)]),
      ...quantile(high).map((value, h) => [scale.x(seen + h), scale.y(value)]).reverse(),
    ];
    chart.append(draw('path', {
      class: 'band',
      d: `M${points.map((p) => p.map(round).join(' ')).join('L')}Z`,
      'fill-opacity': 0.1 + 0.22 * (i + 1) / pairs.length,
    }));
  });
  chart.append(draw('path', { class: 'past', d: line(past.values, 0, scale) }));
  const middle = levels.includes(0.5) ? quantile(0.5) : forecast.mean;
  const joined = seen > 0 && past.values[seen - 1] != null;
  chart.append(draw('path', {
    class: 'median',
    d: joined
      ? line([past.values[seen - 1], ...middle], seen - 1, scale)
      : line(middle, seen, scale),
  }));
  if (forecast.times.length === 1) {
    chart.append(draw('circle', { class: 'dot', r: 4, cx: scale.x(seen), cy: scale.y(middle[0]) }));
  }
  chart.append(upright('now', scale.x(seen - 0.5)));
  const reading = make('p', { class: 'reading hint', 'aria-live': 'polite' });
  read(chart, reading, scale, times.length, (i) => text(forecast, past, middle, pairs, quantile, i));
  return make('div', {}, chart, legend(pairs), reading);
}

/** Intervals from the widest to the narrowest. */
function bands(levels) {
  const pairs = [];
  for (let i = 0, j = levels.length - 1; i < j; i++, j--) {
    pairs.push([levels[i], levels[j]]);
  }
  return pairs;
}

function text(forecast, past, middle, pairs, quantile, i) {
  if (i < past.values.length) {
    const value = past.values[i];
    return `${past.times[i]}: ${value == null ? 'no value' : short(value)}`;
  }
  const h = i - past.values.length;
  const parts = pairs.slice(0, 1).map(([low, high]) =>
    `, ${percent(high - low)} of cases from ${short(quantile(low)[h])} to ${short(quantile(high)[h])}`);
  return `${forecast.times[h]}: ${short(middle[h])}${parts.join('')}`;
}

function percent(share) {
  return `${Math.round(share * 1000) / 10} %`;
}

function legend(pairs) {
  const items = [
    make('span', {}, make('i', { class: 'past' }), 'what was'),
    make('span', {}, make('i', { class: 'median' }), 'foreseen, in the middle'),
  ];
  if (pairs.length > 0) {
    const [low, high] = pairs[0];
    items.push(make('span', {}, make('i', { class: 'outer' }), `${percent(high - low)} of cases`));
  }
  if (pairs.length > 1) {
    const [low, high] = pairs[pairs.length - 1];
    items.push(make('span', {}, make('i', { class: 'inner' }), `${percent(high - low)} of cases`));
  }
  return make('p', { class: 'legend' }, items);
}
