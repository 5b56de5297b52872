package dev.unfold.cli.command;

import dev.unfold.cli.option.TableForm;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.series.Panel;
import dev.unfold.data.sets.SetSequences;
import dev.unfold.data.text.Text;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.output.Wording;
import dev.unfold.run.report.BacktestSummary;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.task.SetTask;
import dev.unfold.run.task.TextModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a model of any kind is worth on data, in a few numbers.
///
/// @param file of the model
/// @param form how files of tables are written
/// @param data the files
record ModelScores(Path file, TableForm form, List<Path> data, Team team) {
  /// The scores by name, the usual one of its kind first.
  Map<String, Double> of(Model model) {
    return switch (model) {
      case LanguageModel language -> text(TextModel.of(file, language));
      case SetModel sets -> sets(sets);
      case NetworkModel other ->
          other.task().equals(Forecaster.TASK)
              ? series(Forecaster.of(file, other))
              : labels(LabelModel.of(file, other));
    };
  }

  private Map<String, Double> text(TextModel model) {
    form.expectNothing("texts");
    Text text = Text.read(model.vocabulary(), model.form(), data);
    String token = Wording.token(model.vocabulary().unit());
    return Map.of("nats per " + token, model.evaluate(text, team).mean());
  }

  private Map<String, Double> sets(SetModel model) {
    form.expectNothing("sets");
    int classes = model.network().spec().outputs();
    double loss =
        SetTask.validator(
                SetSequences.read(data).require(classes),
                classes,
                model.network().kernels().precision())
            .evaluate(model.network(), team)
            .mean();
    return Map.of("nats per step", loss);
  }

  private Map<String, Double> labels(LabelModel model) {
    double accuracy =
        model
            .evaluate(form.labelled(model.format(), data, LabelFormat.Labels.REQUIRED))
            .score()
            .accuracy();
    return Map.of("accuracy", accuracy);
  }

  private Map<String, Double> series(Forecaster model) {
    Panel panel = form.panel(model, data, List.of());
    Backtest tested = Backtest.of(model, panel, 1, 1);
    Map<String, Double> scores = new LinkedHashMap<>();
    for (BacktestSummary.Score score : new BacktestSummary(tested).scores()) {
      score.of().apply(tested.model()).ifPresent(value -> scores.put(score.name(), value));
    }
    return scores;
  }
}
