document.getElementById('what').textContent = data.model;
add(main, 'p', data.verdict, {class: 'verdict'});
facts(main, [['Command', data.command], ['Data', data.data], ['Tested', data.tested], ['Trained', data.trained.join('; ')]]);
const naive = data.naive;

add(main, 'h2', 'Scores');
add(main, 'p', 'Means over windows, and sums over all of their values for quantile losses and shares. Of errors and losses the less is the better; of what lies within an interval, what its name says is the best.');
table(main, 'Scores of the model and of the ' + naive + ' method', ['score', 'model', naive, 'not defined for'],
  data.scores.map(score => [score.name, short(score.model), short(score.naive), score.undefined ? score.undefined + (score.undefined === 1 ? ' window' : ' windows') : '']));

add(main, 'h2', data.fans.length > 1 ? 'The best, the median and the worst series' : 'The series');
add(main, 'p', data.ranked + ' Shown is the last window of each: what came, what was foreseen, and within which bounds.');
data.fans.forEach(fan => {
  add(main, 'h3', fan.title + ': ' + fan.name);
  add(main, 'p', fan.scored);
  const before = fan.past.length, count = before + fan.actual.length, places = Array.from({length: count}, (_, i) => i);
  const ahead = values => Array(before).fill(null).concat(values);
  /* The last value before the origin joins what is foreseen to what was. */
  plot(main, {label: 'What was foreseen of ' + fan.name + ', and what came', xName: 'time', yName: fan.target, places: places, text: i => fan.times[i], origin: before - .5,
    bands: fan.bands.map((band, i) => ({name: band.name, look: i === 0 ? 'wide' : 'narrow', lower: ahead(band.lower), upper: ahead(band.upper)})),
    lines: [{name: 'before', look: 'past', values: fan.past.concat(fan.actual.map(() => null))}, {name: naive, look: 'naive', values: ahead(fan.naive)},
      {name: 'foreseen (median)', look: 'model', values: ahead(fan.median)}, {name: 'what came', look: 'actual', dots: true, values: ahead(fan.actual)}]});
  numbers(main, 'What was foreseen of ' + fan.name, ['time', 'what came', 'median', naive].concat(fan.bands.flatMap(band => [band.low, band.high])),
    fan.actual.map((actual, h) => [fan.times[before + h], short(actual), short(fan.median[h]), short(fan.naive[h])].concat(fan.bands.flatMap(band => [short(band.lower[h]), short(band.upper[h])]))));
});

add(main, 'h2', 'Error by step of the horizon');
add(main, 'p', 'The mean weighted quantile loss of each step: the share of the values by which the quantiles are off.');
plot(main, {label: 'Error by step of the horizon', xName: 'steps ahead', yName: 'mean weighted quantile loss', places: data.steps.map(step => step.step), text: i => String(data.steps[i].step), low: 0,
  lines: [{name: 'model', look: 'model', values: data.steps.map(step => step.model)}, {name: naive, look: 'naive', values: data.steps.map(step => step.naive)}]});
numbers(main, 'Mean weighted quantile loss and MAPE by step', ['step', 'model', naive, 'MAPE of the model, %', 'of the ' + naive + ', %'],
  data.steps.map(step => [String(step.step), short(step.model), short(step.naive), short(step.mape), short(step.naive_mape)]), []);

add(main, 'h2', 'Calibration');
if (data.levels.length > 1) {
  add(main, 'p', 'How many of the values lie below each quantile, and how many should. Below the dotted line the quantiles are too low, above it too high; a curve that is flatter than it has intervals that are too narrow.');
  plot(main, {label: 'Shares of values below each quantile', xName: 'level of the quantile', yName: 'share of the values below it', places: data.levels.map(level => level.level), from: 0, until: 1, low: 0, high: 1,
    lines: [{name: 'as it should be', look: 'ideal', values: data.levels.map(level => level.level)}, {name: naive, look: 'naive', values: data.levels.map(level => level.naive)}, {name: 'model', look: 'model', values: data.levels.map(level => level.model)}]});
  numbers(main, 'Shares of values below each quantile', ['level', 'model', naive], data.levels.map(level => [String(level.level), percent(level.model), percent(level.naive)]), []);
  table(main, 'Values within intervals', ['interval', 'model', naive], data.intervals.map(each => [each.name, percent(each.model), percent(each.naive)]));
} else add(main, 'p', 'The model says a median and no other quantiles, so there are no shares to compare.');

add(main, 'h2', 'What each input is worth');
add(main, 'p', data.worth_note);
if (data.worth.length) {
  const there = data.worth.filter(each => each.mean !== null);
  if (there.length) bars(main, {label: 'What each input is worth', xName: 'growth of the mean weighted quantile loss, %', bars: there.map(each => ({name: each.name + ' (' + each.kind + ')', value: 100 * each.mean, by: 100 * each.deviation}))});
  table(main, 'Growth of the loss without an input', ['input', 'kind', 'growth', 'standard deviation'], data.worth.map(each => [each.name, each.kind, percent(each.mean), percent(each.deviation)]), [0, 1]);
}

add(main, 'h2', 'Scores by series');
add(main, 'p', data.rows_note);
table(main, 'Scores by series', ['series', 'target', 'windows', 'MASE', 'of the ' + naive, 'mean wQL', 'of the ' + naive, 'sMAPE, %', 'of the ' + naive],
  data.rows.map(row => [row.series, row.target, String(row.windows), short(row.mase), short(row.naive_mase), short(row.mean_wql), short(row.naive_mean_wql), short(row.smape), short(row.naive_smape)]), [0, 1]);

add(main, 'h2', 'How far back errors reach');
add(main, 'p', data.flow_note);
if (data.flow) errorFlow(data.flow, main, 'h3');
