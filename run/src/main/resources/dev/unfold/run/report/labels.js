document.getElementById('what').textContent = data.model;
add(main, 'p', data.verdict, {class: 'verdict'});
facts(main, [['Command', data.command], ['Data', data.data]]);

add(main, 'h2', 'Scores');
table(main, 'Scores beside what a sceptic would guess', ['score', 'share', 'count'], data.scores);

add(main, 'h2', 'What was taken for which');
const names = data.matrix.names, counts = data.matrix.counts, isWhole = names.length === data.classes;
add(main, 'p', 'Rows are what is right, columns what was said; the framed cells are right. ' + (isWhole ? '' : 'Of ' + data.classes + ' classes the ' + names.length + ' commonest, and all others together.'));
if (names.length) {
  const heads = isWhole ? names : names.concat('others');
  const made = table(main, 'Confusion matrix', ['right \\ said'].concat(heads), heads.map((name, i) => [name].concat(heads.map((_, j) => String(counts[i][j])))));
  made.classList.add('matrix');
  made.querySelectorAll('tbody tr').forEach((row, i) => {
    const sum = counts[i].reduce((a, b) => a + b, 0);
    row.querySelectorAll('td').forEach((cell, j) => {
      const share = sum ? counts[i][j] / sum : 0;
      if (i === j && i < names.length) cell.className = 'right hit'; else if (!counts[i][j]) cell.className = 'none';
      /* The colour only underlines what the number says. */
      if (share > 0) cell.style.background = 'color-mix(in srgb, var(' + (i === j && i < names.length ? '--good' : '--mark') + ') ' + Math.round(8 + 32 * Math.sqrt(share)) + '%, transparent)';
    });
  });
}

add(main, 'h2', 'Errors by label');
if (data.errors.length) {
  add(main, 'p', 'The labels with most errors: how many of each were said to be something else.');
  bars(main, {label: 'Errors by label', xName: 'errors', bars: data.errors.map(each => ({name: each.name + ' (' + each.wrong + ' of ' + each.came + ')', value: each.wrong, by: 0}))});
} else add(main, 'p', 'There are none.');
table(main, 'Labels, the commonest first' + (data.labels.length < data.classes ? ': ' + data.labels.length + ' of ' + data.classes : ''), ['label', 'came', 'said', 'precision', 'recall', 'F1', 'most often taken for'],
  data.labels.map(label => [label.name, String(label.came), String(label.said), short(label.precision), short(label.recall), short(label.f1), label.taken]), [0, 6]);

if (data.spans.length) {
  add(main, 'h2', 'Spans');
  add(main, 'p', 'A span is right if its kind, its first and its last step are. In conlleval I-X may begin a span, in strict it may not.');
  data.spans.forEach(spans => table(main, spans.convention, ['kind', 'F1', 'precision', 'recall', 'there', 'found'],
    spans.rows.map(row => [row.kind, short(row.f1), short(row.precision), short(row.recall), String(row.there), String(row.found)])));
}

add(main, 'h2', 'Calibration');
add(main, 'p', 'Of what is said with a probability of p, a share of p should be right. Below the dotted line the model is too sure of itself, above it not sure enough. Mean distance: ' + short(data.gap) + '.');
if (data.parts.length) {
  plot(main, {label: 'Shares that are right by the probability that was said', xName: 'probability of what was said', yName: 'share that is right', places: [0].concat(data.parts.map(part => part.probability)).concat(1), from: 0, until: 1, low: 0, high: 1,
    lines: [{name: 'as it should be', look: 'ideal', values: [0].concat(data.parts.map(part => part.probability)).concat(1)}, {name: 'model', look: 'model', dots: true, values: [null].concat(data.parts.map(part => part.right)).concat(null)}]});
  table(main, 'Shares that are right by probability', ['probability', 'count', 'mean probability', 'share right'], data.parts.map(part => [percent(part.from) + ' to ' + percent(part.until), String(part.count), percent(part.probability), percent(part.right)]));
}

add(main, 'h2', 'How far back errors reach');
add(main, 'p', data.flow_note);
if (data.flow) errorFlow(data.flow, main, 'h3');
