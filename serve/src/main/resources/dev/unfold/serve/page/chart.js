// A forecast as a fan: what was, the median of what is to come, and intervals around it.

import { draw, make, short } from './dom.js';

const WIDEST = 720;
const NARROWEST = 300;
const HEIGHT = 280;
const LEFT = 58;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 30;

/** Draws a forecast of /predict, which has history, for as much room as there is. */
export function fan(forecast, room) {
  const width = Math.max(NARROWEST, Math.min(WIDEST, room));
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

  const chart = draw('svg', {
    class: 'chart',
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    tabindex: 0,
    'aria-label': `Forecast of ${forecast.target}${forecast.series ? ` of ${forecast.series}` : ''}, `
      + `${forecast.times.length} steps from ${forecast.times[0]} on. Arrow keys read single steps.`,
  });
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
  chart.append(draw('line', {
    class: 'now', x1: scale.x(seen - 0.5), x2: scale.x(seen - 0.5), y1: TOP, y2: HEIGHT - BOTTOM,
  }));
  const reading = make('p', { class: 'reading hint', 'aria-live': 'polite' });
  read(chart, reading, scale, times, (i) => text(forecast, past, middle, pairs, quantile, i));
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

function scales(values, count, width) {
  let least = Math.min(...values);
  let most = Math.max(...values);
  if (!(most > least)) {
    least -= 1;
    most += 1;
  }
  const room = (most - least) * 0.06;
  const low = least - room;
  const high = most + room;
  return {
    low,
    high,
    width,
    x: (i) => LEFT + (width - LEFT - RIGHT) * (count > 1 ? i / (count - 1) : 0.5),
    y: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low)),
    i: (x) => Math.round((count - 1) * (x - LEFT) / (width - LEFT - RIGHT)),
  };
}

function axes(chart, scale, times) {
  const step = nice((scale.high - scale.low) / 4);
  for (let value = Math.ceil(scale.low / step) * step; value <= scale.high; value += step) {
    const y = round(scale.y(value));
    const shown = Math.abs(value) < step / 1e6 ? 0 : value;
    chart.append(
      draw('line', { class: 'grid', x1: LEFT, x2: scale.width - RIGHT, y1: y, y2: y }),
      draw('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, short(shown)),
    );
  }
  const labels = Math.min(scale.width < 500 ? 2 : 4, times.length);
  for (let k = 0; k < labels; k++) {
    const i = labels > 1 ? Math.round(k * (times.length - 1) / (labels - 1)) : 0;
    const anchor = k === 0 ? 'start' : k === labels - 1 ? 'end' : 'middle';
    chart.append(draw('text', {
      x: round(scale.x(i)), y: HEIGHT - 8, 'text-anchor': anchor,
    }, times[i]));
  }
}

function nice(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  const digit = step / power;
  return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

function line(values, first, scale) {
  let path = '';
  let isDown = false;
  values.forEach((value, i) => {
    if (value == null) {
      isDown = false;
    } else {
      path += `${isDown ? 'L' : 'M'}${round(scale.x(first + i))} ${round(scale.y(value))}`;
      isDown = true;
    }
  });
  return path;
}

function round(x) {
  return Math.round(x * 10) / 10;
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

/** Lets the pointer and the arrow keys read single steps. */
function read(chart, reading, scale, times, textOf) {
  const cursor = draw('line', { class: 'cursor', y1: TOP, y2: HEIGHT - BOTTOM, visibility: 'hidden' });
  chart.append(cursor);
  let at = -1;
  const show = (i) => {
    at = Math.max(0, Math.min(times.length - 1, i));
    cursor.setAttribute('x1', scale.x(at));
    cursor.setAttribute('x2', scale.x(at));
    cursor.setAttribute('visibility', 'visible');
    reading.textContent = textOf(at);
  };
  chart.addEventListener('pointermove', (event) => {
    const box = chart.getBoundingClientRect();
    show(scale.i((event.clientX - box.left) * scale.width / box.width));
  });
  chart.addEventListener('keydown', (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -times.length, End: times.length };
    if (event.key in moves) {
      event.preventDefault();
      show((at < 0 ? times.length - 1 : at) + moves[event.key]);
    }
  });
}
