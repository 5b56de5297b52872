package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.TableForm;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
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
import java.util.function.Function;

/// What models that differ in their numbers alone are worth on the same data, which are read once.
final class ModelScores {
  private final Path file;
  private final Function<Model, Map<String, Double>> scores;

  /// @param file of the model
  /// @param model one of them
  /// @param form how files of tables are written
  /// @param data the files
  ModelScores(Path file, Model model, TableForm form, List<Path> data, Team team) {
    this.file = file;
    scores =
        switch (model) {
          case LanguageModel language -> ofText(TextModel.of(file, language), form, data, team);
          case SetModel sets -> ofSets(sets, form, data, team);
          case NetworkModel other ->
              other.task().equals(Forecaster.TASK)
                  ? ofSeries(Forecaster.of(file, other), form, data)
                  : ofLabels(LabelModel.of(file, other), form, data);
        };
  }

  /// The scores of a model by name, the usual one of its kind first.
  ///
  /// **Errors**: [IllegalArgumentException] if one is not finite.
  Map<String, Double> of(Model model) {
    Map<String, Double> all = scores.apply(model);
    all.forEach((name, value) -> {
      if (!Double.isFinite(value)) {
        throw new Refusal("MODEL", "finite scores on the data", "%s of %s".formatted(value, name));
      }
    });
    return all;
  }

  private Function<Model, Map<String, Double>> ofText(
      TextModel model, TableForm form, List<Path> data, Team team) {
    form.expectNothing("texts");
    Text text = Text.read(model.vocabulary(), model.form(), data);
    String name = "nats per " + Wording.token(model.vocabulary().unit());
    return own -> Map.of(name, TextModel.of(file, own).evaluate(text, team).mean());
  }

  private static Function<Model, Map<String, Double>> ofSets(
      SetModel model, TableForm form, List<Path> data, Team team) {
    form.expectNothing("sets");
    int classes = model.network().spec().outputs();
    SetSequences sets = SetSequences.read(data).require(classes);
    return own ->
        Map.of(
            "nats per step",
            SetTask.validator(sets, classes, own.network().kernels().precision())
                .evaluate(own.network(), team)
                .mean());
  }

  private Function<Model, Map<String, Double>> ofLabels(
      LabelModel model, TableForm form, List<Path> data) {
    LabelledData labelled = form.labelled(model.format(), data, LabelFormat.Labels.REQUIRED);
    return own ->
        Map.of("accuracy", LabelModel.of(file, own).evaluate(labelled).score().accuracy());
  }

  private Function<Model, Map<String, Double>> ofSeries(
      Forecaster model, TableForm form, List<Path> data) {
    Panel panel = form.panel(model, data, List.of());
    return own -> {
      Backtest tested = Backtest.of(Forecaster.of(file, own), panel, 1, 1);
      Map<String, Double> all = new LinkedHashMap<>();
      for (BacktestSummary.Score score : new BacktestSummary(tested).scores()) {
        score.of().apply(tested.model()).ifPresent(value -> all.put(score.name(), value));
      }
      return all;
    };
  }
}
