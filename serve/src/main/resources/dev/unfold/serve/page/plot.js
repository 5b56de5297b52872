// What drawings over steps have in common: scales, axes, lines, and reading single steps.

import { draw, short } from './dom.js';

const WIDEST = 720;
const NARROWEST = 300;
const HEIGHT = 280;
const LEFT = 58;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 30;

/** An empty drawing for as much room as there is, that keys can read. */
export function frame(width, label) {
  return draw('svg', {
    class: 'chart',
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    tabindex: 0,
    'aria-label': `${label} Arrow keys read single steps.`,
  });
}

export function widthFor(room) {
  return Math.max(NARROWEST, Math.min(WIDEST, room));
}

/** A line from the top to the bottom. */
export function upright(name, x) {
  return draw('line', { class: name, x1: round(x), x2: round(x), y1: TOP, y2: HEIGHT - BOTTOM });
}

/** Where values and steps are, of `count` steps. */
export function scales(values, count, width) {
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

export function axes(chart, scale, times) {
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

/** The path of values, which has holes where there are none. */
export function line(values, first, scale) {
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

export function round(x) {
  return Math.round(x * 10) / 10;
}

/**
 * Lets the pointer and the arrow keys read single steps.
 *
 * Gives a way to ask which is read, -1 for none, and to read another one.
 */
export function read(chart, reading, scale, count, textOf) {
  const cursor = upright('cursor', 0);
  cursor.setAttribute('visibility', 'hidden');
  chart.append(cursor);
  let at = -1;
  const show = (i) => {
    at = Math.max(0, Math.min(count - 1, i));
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
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count };
    if (event.key in moves) {
      event.preventDefault();
      show((at < 0 ? count - 1 : at) + moves[event.key]);
    }
  });
  return { at: () => at, show };
}
