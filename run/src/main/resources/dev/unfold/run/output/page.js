'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.getElementById('main');

function add(parent, tag, text, attributes) {
  const svg = ['svg', 'path', 'line', 'rect', 'circle', 'text'].includes(tag);
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  return parent.appendChild(element);
}
function number(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e4 ? value.toPrecision(4) : value.toExponential(3);
}
/* From dark to bright as the error grows; readable on white and on black, and in shades of grey. */
function color(share) {
  const s = Math.min(1, Math.max(0, share));
  const r = Math.round(255 * Math.min(1, Math.max(0, 1.35 * s - 0.15)));
  const g = Math.round(255 * Math.min(1, Math.max(0, 0.95 * s * s * s)));
  const b = Math.round(255 * (0.35 + 0.40 * Math.sin(Math.PI * Math.min(1, 1.2 * s))));
  return [r, g, b];
}

/* A number in few digits, without an exponent where that is possible. */
function short(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(2) : Number(value.toPrecision(4)).toLocaleString('en', {maximumFractionDigits: 6});
}
function percent(share) { return share === null || share === undefined ? '–' : (100 * share).toFixed(1) + ' %'; }

/* A table with a caption; the columns whose numbers are in `names` hold texts. */
function table(parent, caption, heads, rows, names) {
  const made = add(add(parent, 'div', '', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption}), 'table');
  add(made, 'caption', caption);
  const isName = i => (names || [0]).includes(i);
  const head = add(add(made, 'thead'), 'tr');
  heads.forEach((name, i) => add(head, 'th', name, isName(i) ? {scope: 'col', class: 'name'} : {scope: 'col'}));
  const body = add(made, 'tbody');
  rows.forEach(cells => {
    const row = add(body, 'tr');
    cells.forEach((cell, i) => add(row, i === 0 ? 'th' : 'td', cell, i === 0 ? {scope: 'row', class: isName(0) ? 'name' : ''} : isName(i) ? {class: 'name'} : {}));
  });
  return made;
}
/* The same, closed until somebody wants to read it. */
function numbers(parent, caption, heads, rows, names) {
  const details = add(parent, 'details');
  add(details, 'summary', 'The numbers');
  table(details, caption, heads, rows, names);
}
function facts(parent, pairs) {
  const list = add(parent, 'dl', '', {class: 'facts'});
  pairs.filter(pair => pair[1]).forEach(pair => { add(list, 'dt', pair[0]); add(list, 'dd', pair[1]); });
}

/* Some round numbers from `low` to `high`. */
function ticks(low, high) {
  const raw = (high - low) / 4 || 1, power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map(f => f * power).find(f => f >= raw * 0.999) || raw;
  const all = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) all.push(i * step);
  return all;
}
/* What stands for a line or a band in the legend. */
function keys(parent, entries) {
  const list = add(parent, 'ul', '', {class: 'keys'});
  entries.forEach(entry => {
    const item = add(list, 'li'), svg = add(item, 'svg', '', {viewBox: '0 0 28 12', 'aria-hidden': 'true'});
    if (entry.isBand) add(svg, 'rect', '', {class: entry.look, x: 0, y: 1, width: 28, height: 10});
    else add(svg, 'path', '', {class: entry.look, d: 'M0 6L28 6'});
    if (entry.dots) add(svg, 'circle', '', {class: 'dot', cx: 14, cy: 6, r: 3});
    add(item, 'span', entry.name);
  });
}
/* Lines and bands over the same places, with axes that have names. A value that is null is a gap.
   of: {label, xName, yName, places, text(i) unless they are numbers, from, until, lines: [{name, look, values, dots}], bands: [{name, look, lower, upper}], origin, low, high} */
function plot(parent, of) {
  const figure = add(parent, 'figure');
  keys(figure, (of.bands || []).map(band => ({name: band.name, look: band.look, isBand: true})).concat(of.lines));
  const W = Math.max(280, Math.min(760, main.clientWidth)), H = 280, L = 62, R = 12, T = 18, B = 46;
  const svg = add(figure, 'svg', '', {class: 'plot', viewBox: '0 0 ' + W + ' ' + H, role: 'img', 'aria-label': of.label});
  const all = of.lines.flatMap(line => line.values).concat((of.bands || []).flatMap(band => band.lower.concat(band.upper))).filter(value => value !== null);
  let low = of.low === undefined ? all.reduce((a, b) => Math.min(a, b), Infinity) : of.low, high = of.high === undefined ? all.reduce((a, b) => Math.max(a, b), -Infinity) : of.high;
  if (!all.length) { add(figure, 'p', 'Nothing of this is defined.'); return; }
  if (high === low) { const by = Math.abs(high) / 10 || 1; high += by; if (of.low === undefined) low -= by; }
  const first = of.from === undefined ? of.places[0] : of.from, last = of.until === undefined ? of.places[of.places.length - 1] : of.until;
  const x = place => L + (last === first ? .5 : (place - first) / (last - first)) * (W - L - R);
  const y = value => T + (high - value) / (high - low) * (H - T - B);
  ticks(low, high).forEach(tick => {
    add(svg, 'line', '', {class: 'tick', x1: L, x2: W - R, y1: y(tick), y2: y(tick)});
    add(svg, 'text', short(tick), {x: L - 6, y: y(tick) + 4, 'text-anchor': 'end'});
  });
  const letters = of.text ? of.places.reduce((most, _, i) => Math.max(most, of.text(i).length), 1) : 1;
  const count = Math.max(1, Math.min(5, of.places.length, Math.floor((W - L - R) / (7 * letters + 24))));
  const chosen = Array.from({length: count}, (_, k) => count === 1 ? 0 : Math.round(k * (of.places.length - 1) / (count - 1)));
  const marks = of.text ? chosen.map(i => [of.places[i], of.text(i)]) : ticks(first, last).map(tick => [tick, short(tick)]);
  marks.forEach(([place, text]) => {
    const at = x(place), anchor = of.text && at < L + 30 && count > 1 ? 'start' : at > W - R - 20 ? 'end' : 'middle';
    add(svg, 'text', text, {x: at, y: H - B + 18, 'text-anchor': anchor});
    add(svg, 'line', '', {class: 'axis', x1: at, x2: at, y1: H - B, y2: H - B + 5});
  });
  add(svg, 'line', '', {class: 'axis', x1: L, x2: W - R, y1: H - B, y2: H - B});
  add(svg, 'text', of.xName, {x: (L + W - R) / 2, y: H - 6, 'text-anchor': 'middle'});
  add(svg, 'text', of.yName, {x: 0, y: 11});
  (of.bands || []).forEach(band => {
    const there = of.places.map((place, i) => i).filter(i => band.lower[i] !== null);
    const edge = (ends, of_) => of_.map(i => x(of.places[i]).toFixed(1) + ' ' + y(ends[i]).toFixed(1));
    if (there.length) add(svg, 'path', '', {class: band.look, d: 'M' + edge(band.lower, there).concat(edge(band.upper, there.slice().reverse())).join('L') + 'Z'});
  });
  if (of.origin !== undefined) add(svg, 'line', '', {class: 'origin', x1: x(of.origin), x2: x(of.origin), y1: T, y2: H - B});
  of.lines.forEach(line => {
    let path = '', pen = 'M';
    line.values.forEach((value, i) => {
      if (value === null || value === undefined) { pen = 'M'; return; }
      path += pen + x(of.places[i]).toFixed(1) + ' ' + y(value).toFixed(1);
      pen = 'L';
      if (line.dots) add(svg, 'circle', '', {class: 'dot', cx: x(of.places[i]).toFixed(1), cy: y(value).toFixed(1), r: of.places.length > 120 ? 1.5 : 2.5});
    });
    add(svg, 'path', '', {class: line.look, d: path});
  });
}
/* How much each of several things is, with its spread: bars from zero on, to both sides. */
function bars(parent, of) {
  const figure = add(parent, 'figure'), W = Math.max(280, Math.min(760, main.clientWidth)), row = 40, H = of.bars.length * row + 46;
  const svg = add(figure, 'svg', '', {class: 'plot', viewBox: '0 0 ' + W + ' ' + H, role: 'img', 'aria-label': of.label});
  const low = Math.min(0, ...of.bars.map(bar => bar.value - bar.by)), high = Math.max(0, ...of.bars.map(bar => bar.value + bar.by)), span = high - low || 1;
  const x = value => 8 + (value - low) / span * (W - 24);
  ticks(low, high === low ? 1 : high).forEach(tick => {
    add(svg, 'line', '', {class: 'tick', x1: x(tick), x2: x(tick), y1: 0, y2: H - 40});
    add(svg, 'text', short(tick), {x: Math.min(W - 14, Math.max(10, x(tick))), y: H - 24, 'text-anchor': 'middle'});
  });
  of.bars.forEach((bar, i) => {
    const top = i * row;
    add(svg, 'text', bar.name, {x: 8, y: top + 13});
    add(svg, 'rect', '', {class: 'bar', x: x(Math.min(0, bar.value)), y: top + 18, width: Math.max(1, Math.abs(x(bar.value) - x(0))), height: 14});
    add(svg, 'line', '', {class: 'spread', x1: x(bar.value - bar.by), x2: x(bar.value + bar.by), y1: top + 25, y2: top + 25});
  });
  add(svg, 'line', '', {class: 'axis', x1: x(0), x2: x(0), y1: 0, y2: H - 40});
  add(svg, 'text', of.xName, {x: W / 2, y: H - 6, 'text-anchor': 'middle'});
}
