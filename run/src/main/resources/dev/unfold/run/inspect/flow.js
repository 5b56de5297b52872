/* The error flow that was measured, below `main`, under headings of that level. */
function errorFlow(data, main, heading) {
  function heatMap(layer, title) {
    add(main, heading, title || 'Layer ' + layer.name + ': how large the error of step t is at step t′');
    add(main, 'p', 'Each row is the error of one step t, each column a step t′ that it is followed back to. Brighter is larger, on a logarithmic scale. ' +
      'Zoom with the wheel, the buttons or + and −, move with a drag; arrow keys move the mark, 0 shows all.');
    let largest = 0, smallest = Infinity;
    for (const row of layer.norms) for (const value of row) if (value > 0) { largest = Math.max(largest, value); smallest = Math.min(smallest, value); }
    const decades = Math.min(16, Math.max(1, Math.log10(largest / smallest)));
    const legend = add(main, 'div', '', {class: 'legend'});
    add(legend, 'span', number(largest * Math.pow(10, -decades)));
    const scale = add(legend, 'canvas', '', {width: 256, height: 1, 'aria-hidden': 'true'}).getContext('2d');
    for (let i = 0; i < 256; i++) { scale.fillStyle = 'rgb(' + color(i / 255).join() + ')'; scale.fillRect(i, 0, 1, 1); }
    add(legend, 'span', number(largest));
    const canvas = add(main, 'canvas', '', {class: 'map', width: 640, height: 640, tabindex: 0, role: 'img',
      'aria-label': 'Map of error norms of layer ' + layer.name + ', arrow keys read the numbers'});
    const status = add(main, 'div', '', {class: 'status', 'aria-live': 'polite'});
    const rows = layer.norms.length, columns = data.steps;
    let view = {x: 0, y: 0, w: columns, h: rows};
    let mark = {x: Math.max(0, data.times[rows - 1] - 1), y: rows - 1};
    const context = canvas.getContext('2d');
    function draw() {
      const image = context.createImageData(640, 640);
      for (let py = 0; py < 640; py++) for (let px = 0; px < 640; px++) {
        const i = Math.floor(view.y + (py + .5) / 640 * view.h), t = Math.floor(view.x + (px + .5) / 640 * view.w);
        const norm = layer.norms[i][t], at = 4 * (640 * py + px);
        if (norm > 0) { const c = color(1 + Math.log10(norm / largest) / decades); image.data[at] = c[0]; image.data[at + 1] = c[1]; image.data[at + 2] = c[2]; image.data[at + 3] = 255; }
      }
      context.putImageData(image, 0, 0);
      const x = (mark.x - view.x) / view.w * 640, y = (mark.y - view.y) / view.h * 640;
      context.lineWidth = 2; context.strokeStyle = '#ff3b30';
      context.strokeRect(x, y, Math.max(3, 640 / view.w), Math.max(3, 640 / view.h));
      const t = data.times[mark.y], norm = layer.norms[mark.y][mark.x], before = mark.x > 0 ? layer.norms[mark.y][mark.x - 1] : null;
      status.textContent = 't = ' + t + ', t′ = ' + mark.x + ', lag ' + (t - mark.x) + ': |δ(t′, t)| = ' + number(norm) +
        ', cosine with δ(t, t) ' + number(layer.cosines[mark.y][mark.x]) +
        (norm > 0 && before !== null ? ', gain to t′ − 1 ' + number(before / norm) : '');
    }
    function clamp() {
      view.w = Math.min(columns, Math.max(4, view.w)); view.h = Math.min(rows, Math.max(Math.min(4, rows), view.h));
      view.x = Math.min(columns - view.w, Math.max(0, view.x)); view.y = Math.min(rows - view.h, Math.max(0, view.y));
    }
    function zoom(factor, x, y) {
      const fx = (x - view.x) / view.w, fy = (y - view.y) / view.h;
      view.w *= factor; view.h *= factor; clamp();
      view.x = x - fx * view.w; view.y = y - fy * view.h; clamp(); draw();
    }
    function all() { view = {x: 0, y: 0, w: columns, h: rows}; draw(); }
    function place(event) {
      const box = canvas.getBoundingClientRect();
      return {x: view.x + (event.clientX - box.left) / box.width * view.w, y: view.y + (event.clientY - box.top) / box.height * view.h};
    }
    let drag = null;
    canvas.addEventListener('pointerdown', event => { drag = place(event); canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener('pointerup', () => { drag = null; });
    canvas.addEventListener('pointermove', event => {
      const at = place(event);
      if (drag) { view.x += drag.x - at.x; view.y += drag.y - at.y; clamp(); }
      mark = {x: Math.min(columns - 1, Math.max(0, Math.floor(at.x))), y: Math.min(rows - 1, Math.max(0, Math.floor(at.y)))};
      draw();
    });
    canvas.addEventListener('wheel', event => { event.preventDefault(); const at = place(event); zoom(event.deltaY < 0 ? 0.8 : 1.25, at.x, at.y); }, {passive: false});
    canvas.addEventListener('keydown', event => {
      const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
      if (move) {
        mark.x = Math.min(columns - 1, Math.max(0, mark.x + move[0])); mark.y = Math.min(rows - 1, Math.max(0, mark.y + move[1]));
        view.x = Math.min(mark.x, Math.max(view.x, mark.x + 1 - view.w)); view.y = Math.min(mark.y, Math.max(view.y, mark.y + 1 - view.h));
        clamp(); draw();
      } else if (event.key === '+' || event.key === '=') zoom(0.5, mark.x + .5, mark.y + .5);
      else if (event.key === '-') zoom(2, mark.x + .5, mark.y + .5);
      else if (event.key === '0') all();
      else return;
      event.preventDefault();
    });
    for (const [name, action] of [['Zoom in', () => zoom(0.5, mark.x + .5, mark.y + .5)], ['Zoom out', () => zoom(2, mark.x + .5, mark.y + .5)], ['All', all]]) {
      add(main, 'button', name, {type: 'button'}).addEventListener('click', action);
    }
    draw();
  }

  /* Units down, lags across. */
  function unitMap(layer) {
    add(main, heading, 'Layer ' + layer.name + ': what reaches each unit');
    add(main, 'p', 'Each row is a unit, each column a lag k: the root mean square over error times of |δ(t − k, t)| at that unit, on a logarithmic scale. The pointer and the arrow keys read the numbers.');
    const lags = layer.units.length, units = layer.units[0].length;
    const canvas = add(main, 'canvas', '', {class: 'units', width: lags, height: units, tabindex: 0, role: 'img', 'aria-label': 'Map of errors of units of layer ' + layer.name + ', arrow keys read the numbers'});
    const status = add(main, 'div', '', {class: 'status', 'aria-live': 'polite'});
    const largest = layer.units.reduce((most, lag) => Math.max(most, ...lag), 0);
    const context = canvas.getContext('2d');
    const mark = {x: 0, y: 0};
    function draw() {
      const image = context.createImageData(lags, units);
      for (let n = 0; n < units; n++) for (let k = 0; k < lags; k++) {
        const size = layer.units[k][n], at = 4 * (lags * n + k);
        if (size > 0) { const c = color(1 + Math.log10(size / largest) / 10); image.data[at] = c[0]; image.data[at + 1] = c[1]; image.data[at + 2] = c[2]; image.data[at + 3] = 255; }
      }
      context.putImageData(image, 0, 0);
      context.fillStyle = '#ff3b30'; context.fillRect(mark.x, mark.y, 1, 1);
      status.textContent = 'unit ' + mark.y + ', lag ' + mark.x + ': ' + number(layer.units[mark.x][mark.y]);
    }
    function move(x, y) { mark.x = Math.min(lags - 1, Math.max(0, x)); mark.y = Math.min(units - 1, Math.max(0, y)); draw(); }
    canvas.addEventListener('pointermove', event => {
      const box = canvas.getBoundingClientRect();
      move(Math.floor((event.clientX - box.left) / box.width * lags), Math.floor((event.clientY - box.top) / box.height * units));
    });
    canvas.addEventListener('keydown', event => {
      const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
      if (step) { move(mark.x + step[0], mark.y + step[1]); event.preventDefault(); }
    });
    draw();
  }

  function histogram(parent, values) {
    const figure = add(parent, 'div');
    const W = 260, H = 110, bins = values.shares.length;
    const svg = add(figure, 'svg', '', {viewBox: '0 0 ' + W + ' ' + H, role: 'img', 'aria-label': 'Histogram of ' + values.layer + ' ' + values.name});
    add(svg, 'text', values.layer + ' ' + values.name, {x: 0, y: 14});
    const most = Math.max(...values.shares);
    values.shares.forEach((share, i) => {
      const height = share / most * 70;
      const middle = values.from + (i + .5) / bins * (values.until - values.from);
      const full = values.function === 'SIGMOID' ? middle < .1 || middle > .9 : values.function === 'TANH' ? Math.abs(middle) > .8 : i === 0;
      add(svg, 'rect', '', {class: full ? 'full' : 'bar', x: i / bins * W + 1, y: 92 - height, width: W / bins - 2, height: height});
    });
    add(svg, 'line', '', {class: 'axis', x1: 0, x2: W, y1: 92.5, y2: 92.5});
    add(svg, 'text', Number(values.from.toPrecision(3)).toString(), {x: 0, y: H - 3});
    add(svg, 'text', Number(values.until.toPrecision(3)).toString(), {x: W, y: H - 3, 'text-anchor': 'end'});
    add(figure, 'p', (100 * values.low).toFixed(1) + ' % saturated low, ' + (100 * values.high).toFixed(1) + ' % high; ' + values.stuck + ' of ' + values.units + ' units always so');
  }

  /* How far off a gradient is that is cut at lag k, with its interval, and the shares of the lags. */
  function reachChart(reach, shares) {
    const most = !reach ? 1 : Math.max(1, ...reach.errors.map((error, k) => (error || 0) + (reach.errors_by ? reach.errors_by[k] || 0 : 0)));
    const by = reach && reach.errors_by ? reach.errors.map((error, k) => error === null ? [0, most] : [Math.max(0, error - (reach.errors_by[k] || 0)), error + (reach.errors_by[k] || 0)]) : [];
    chart(reach ? reach.errors : [], 0, most, false, 'lag k, 0 to ' + (data.steps - 1), [], by, shares.up_to);
  }
  function reachText(reach, whose) {
    const counted = (count, noun, nouns) => count + ' ' + (count === 1 ? noun : nouns);
    const off = reach ? 'How far off the gradient of ' + whose + ' is if each error goes back k steps and no farther: mean and 95 % interval over ' + counted(reach.batches, 'batch', 'batches') + ' of ' +
      counted(reach.sequences, 'sequence', 'sequences') + '. Within 50 % from lag ' + reach.within.half + ' on, 10 % from ' + reach.within.tenth + ', 1 % from ' + reach.within.hundredth + '. ' : '';
    add(main, 'p', off + 'Dashed: the shares of lags up to k, along the gradient alone.');
  }

  function chart(values, low, high, logarithmic, label, bands, interval, second) {
    const W = Math.max(280, Math.min(640, main.clientWidth)), H = 240, L = 52, B = 28;
    const svg = add(main, 'svg', '', {viewBox: '0 0 ' + W + ' ' + H, role: 'img', 'aria-label': label});
    const y = value => { const f = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low); return H - B - Math.min(1, Math.max(0, f)) * (H - B - 10); };
    const count = Math.max(values.length, second ? second.length : 0);
    const x = i => L + i / Math.max(1, count - 1) * (W - L - 10);
    for (const [from, to, name] of bands || []) add(svg, 'rect', '', {class: name, x: L, width: W - L - 10, y: y(to), height: Math.max(0, y(from) - y(to))});
    for (const tick of logarithmic ? [low, Math.sqrt(low * high), high] : [low, (low + high) / 2, high]) {
      add(svg, 'line', '', {class: 'axis', x1: L, x2: W - 10, y1: y(tick), y2: y(tick)});
      add(svg, 'text', Number(tick.toPrecision(3)).toString(), {x: L - 6, y: y(tick) + 4, 'text-anchor': 'end'});
    }
    const line = (numbers, name) => {
      let path = '', pen = 'M';
      numbers.forEach((value, i) => { if (value === null || (logarithmic && value <= 0)) pen = 'M'; else { path += pen + x(i).toFixed(1) + ' ' + y(value).toFixed(1); pen = 'L'; } });
      add(svg, 'path', '', {class: name, d: path});
    };
    if (interval && interval.length) {
      const edge = end => interval.map((ends, i) => x(i).toFixed(1) + ' ' + y(ends[end]).toFixed(1));
      add(svg, 'path', '', {class: 'interval', d: 'M' + edge(0).concat(edge(1).reverse()).join('L') + 'Z'});
    }
    if (second) line(second, 'share');
    line(values, 'curve');
    add(svg, 'text', label, {x: W / 2, y: H - 6, 'text-anchor': 'middle'});
  }

  if (data.advice.length) {
    add(main, heading, 'What follows');
    const list = add(main, 'ul');
    data.advice.forEach(line => add(list, 'li', line));
    if (data.trial) add(list, 'li', 'Tried ' + data.trial.option + ' for ' + data.trial.updates + ' updates: ' + data.trial.without.nats.toFixed(4) + ' nats without it, ' + data.trial.with.nats.toFixed(4) + ' with it. It ' + (data.trial.helped ? 'helped.' : 'did not help.'));
  }
  add(main, heading, 'Reach');
  reachText(data.reach, 'all parameters');
  reachChart(data.reach, data.shares);
  data.layers.forEach(layer => {
    if (data.layers.length > 1) {
      add(main, heading, 'Layer ' + layer.name + ': reach');
      reachText(layer.reach, 'this layer alone');
      reachChart(layer.reach, layer.shares);
    }
    heatMap(layer);
    add(main, heading, 'Layer ' + layer.name + ': gain of a step back');
    add(main, 'p', 'The mean of |δ(t′ − 1, t)| / |δ(t′, t)| over the errors that come through t′. In the lower band errors vanish, in the upper one they explode.');
    chart(layer.gains, 0.125, 8, true, 'step t′, 1 to ' + (data.steps - 1), [[0.125, 0.95, 'dies'], [1.02, 8, 'grows']]);
    if (layer.units) unitMap(layer);
  });
  if (data.rules && data.rules.length) {
    add(main, heading, 'What online rules throw away');
    add(main, 'p', 'Online rules carry gradients forward with the steps. The gradient of the layers’ parameters by each rule against the exact one, with 95 % intervals over batches, and what of an error a rule lets pass from a step to the one before.');
    const table = add(add(main, 'div', '', {class: 'scroll'}), 'table');
    const head = add(add(table, 'thead'), 'tr');
    ['rule', 'cosine', 'relative error', 'noise of a draw', 'passes', 'half is left for', 'memory'].forEach(name => add(head, 'th', name, {scope: 'col'}));
    const body = add(table, 'tbody');
    const estimate = (mean, by) => mean === null ? '–' : mean.toFixed(4) + (by === null ? '' : ' ± ' + by.toFixed(4));
    data.rules.forEach(rule => {
      const row = add(body, 'tr');
      add(row, 'td', rule.name);
      if (rule.refused) { add(row, 'td', rule.refused, {colspan: 6}); return; }
      add(row, 'td', estimate(rule.cosine, rule.cosine_by));
      add(row, 'td', estimate(rule.error, rule.error_by));
      add(row, 'td', rule.noise > 0 ? rule.noise.toFixed(2) : '–');
      add(row, 'td', rule.passes || 'nothing');
      add(row, 'td', rule.layers.length ? rule.layers.map(layer => layer.half_life === null ? 'all steps' : layer.half_life + (layer.half_life === 1 ? ' step' : ' steps')).join(', ') : '–');
      add(row, 'td', (rule.bytes / 1e6).toFixed(2) + ' MB');
    });
    data.rules.forEach(rule => rule.layers.forEach((layer, l) => {
      add(main, heading, rule.name + ', layer ' + layer.name + ': what is left of an error');
      add(main, 'p', 'After k steps back, relative to its own step, on a logarithmic scale: all of it, and dashed what ' + rule.name + ' lets pass.');
      chart(data.layers[l].decay, 1e-4, 10, true, 'lag k, 0 to ' + (data.steps - 1), [], [], layer.decay);
      heatMap(layer, rule.name + ', layer ' + layer.name + ': how large the error of step t is at step t′');
    }));
  }
  if (data.rounds && data.rounds.length) {
    add(main, heading, 'Parallel in time');
    add(main, 'p', 'The rounds of Newton’s method in time until no state changes by more than 1e-5 of the largest; ' + data.steps + ' are always enough. Beforehand: after how many steps 1e-5 is left of an error, which about so many rounds follow from, or fewer, unless the gain is 1 or more where all states are zeros, as they are at first. Taken: on the first sequence, with all of the steps’ slopes and with their diagonal alone.');
    const table = add(add(main, 'div', '', {class: 'scroll'}), 'table', '', {class: 'rounds'});
    const head = add(add(table, 'thead'), 'tr');
    ['layer', 'gain of a step back', 'gain at zeros', 'rounds beforehand', 'taken', 'taken, diagonal'].forEach(name => add(head, 'th', name, {scope: 'col'}));
    const body = add(table, 'tbody');
    const taken = own => own ? (own.settled ? '' : 'more than ') + own.rounds : '–';
    data.rounds.forEach(layer => {
      const row = add(body, 'tr');
      add(row, 'td', layer.name);
      add(row, 'td', layer.gain === null ? '–' : number(layer.gain));
      add(row, 'td', layer.gain_at_guess === null ? '–' : number(layer.gain_at_guess));
      add(row, 'td', layer.linear ? '1, linear in its states' : String(layer.expected));
      add(row, 'td', taken(layer.whole), layer.refused ? {title: layer.refused} : {});
      add(row, 'td', taken(layer.diagonal));
    });
  }
  if (data.saturation.length) {
    add(main, heading, 'Gates and activations');
    add(main, 'p', 'How often which value, over all steps, sequences and units. Where a bar is marked the function is flat, and little of an error gets through: a sigmoid under 0.1 or over 0.9, a tanh beyond ±0.8, a relu at 0.');
    const bars = add(main, 'div', '', {class: 'bars'});
    data.saturation.forEach(values => histogram(bars, values));
  }
  if (data.jacobians.length) {
    add(main, heading, 'Singular values of a step');
    add(main, 'p', 'By how much the step t can stretch an error on its way back, or shrink it: the singular values of the recurrent Jacobian, all states after the step by all before it, from the largest to the smallest, on the first sequence.');
    const table = add(add(main, 'div', '', {class: 'scroll'}), 'table');
    const head = add(add(table, 'thead'), 'tr');
    ['t', 'largest', 'upper quarter', 'median', 'lower quarter', 'smallest'].forEach(name => add(head, 'th', name, {scope: 'col'}));
    const body = add(table, 'tbody');
    const quarters = (name, values) => {
      const row = add(body, 'tr');
      add(row, 'td', name);
      [0, .25, .5, .75, 1].forEach(share => add(row, 'td', number(values[Math.round(share * (values.length - 1))])));
    };
    data.jacobians.forEach(jacobian => {
      quarters(String(jacobian.step), jacobian.singular_values);
      if (jacobian.layers.length > 1) jacobian.layers.forEach((values, l) => quarters('l' + l, values));
    });
    const middle = data.jacobians[Math.floor(data.jacobians.length / 2)];
    chart(middle.singular_values.map(value => Math.max(value, 1e-6)), 1e-6, Math.max(10, middle.singular_values[0]), true, 'singular values at t = ' + middle.step + ', 1st to ' + middle.singular_values.length + 'th');
  }
  if (data.truncation.length) {
    add(main, heading, 'What truncation throws away');
    const reach = data.reach, percent = Number((100 * data.tolerance).toPrecision(4)) + ' %';
    add(main, 'p', 'The relative error of the gradient against the exact one, with 95 % intervals over batches. Cut at lag k each error is followed back k steps; in windows of k steps it goes back to the start of its window only. ' +
      'Within ' + percent + ': cut at lag ' + reach.within.tolerance + ' or more; ' + (data.sufficient === null ? 'no windows' : 'windows of ' + data.sufficient + (data.sufficient === 1 ? ' step' : ' steps') + ' or more') + '.');
    const table = add(add(main, 'div', '', {class: 'scroll'}), 'table');
    const head = add(add(table, 'thead'), 'tr');
    ['k', 'cut at lag k', 'windows of k steps', 'their cosine'].forEach(name => add(head, 'th', name, {scope: 'col'}));
    const body = add(table, 'tbody');
    const estimate = (mean, by) => mean === null || mean === undefined ? '–' : mean.toFixed(4) + (by === null || by === undefined ? '' : ' ± ' + by.toFixed(4));
    data.truncation.forEach(cut => {
      const row = add(body, 'tr'), k = cut.window;
      add(row, 'td', String(k));
      add(row, 'td', estimate(reach.errors[k], reach.errors_by && reach.errors_by[k]), k >= reach.within.tolerance && k < data.steps ? {class: 'enough'} : {});
      const enough = data.sufficient !== null && k >= data.sufficient ? {class: 'enough'} : {};
      add(row, 'td', estimate(cut.error, cut.error_by), enough);
      add(row, 'td', estimate(cut.cosine, cut.cosine_by), enough);
    });
  }
}
