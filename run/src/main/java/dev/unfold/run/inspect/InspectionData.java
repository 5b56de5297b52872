package dev.unfold.run.inspect;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.series.Panel;
import dev.unfold.data.sets.SetSequences;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import dev.unfold.data.text.LagInformation;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.Head;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.task.LineTask;
import dev.unfold.run.task.SetTask;
import dev.unfold.run.task.TextModel;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.data.TextData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What the errors of a model are followed on.
///
/// @param batches of sequences that all have T steps
/// @param text the tokens; empty for any model but those of a text
/// @param information what the tokens tell at each lag; empty likewise
public record InspectionData(
    List<Batch> batches, Optional<int[]> text, Optional<LagInformation> information) {
  /// T of a text, unless another is asked for.
  private static final int STEPS = 128;

  /// Reads `files` for `model`.
  ///
  /// @param steps T, or null for what suits the data
  /// @param batch B
  /// @param most batches at most
  public static InspectionData read(
      Path file, Model model, List<Path> files, Integer steps, int batch, int most) {
    return switch (model) {
      case LanguageModel language ->
          ofText(language, TextModel.of(file, language), files, steps, batch, most);
      case SetModel sets -> ofSets(sets, files, steps, batch, most);
      case NetworkModel other ->
          other.task().equals(Forecaster.TASK)
              ? ofSeries(Forecaster.of(file, other), files, steps, batch, most)
              : ofLabels(file, other, files, steps, batch, most);
    };
  }

  private static InspectionData ofText(
      LanguageModel model, TextModel known, List<Path> files, Integer asked, int batch, int most) {
    Text text = Text.read(known.vocabulary(), known.form(), files);
    if (known.form() == TextForm.LINES) {
      int length = asked == null ? LineTask.usualSteps(text, known.vocabulary()) : asked;
      List<Batch> lines = LineTask.whole(text, known.vocabulary(), length, batch, most);
      return new InspectionData(lines, Optional.empty(), Optional.empty());
    }
    int steps = asked == null ? STEPS : asked;
    text.requireWindow(steps);
    int[] tokens = text.tokens();
    List<Batch> all = ofText(tokens, steps, batch, most);
    int types = model.network().spec().outputs();
    return new InspectionData(
        all, Optional.of(tokens), Optional.of(LagInformation.of(tokens, types, steps)));
  }

  /// The first batches of a text that has one of T = `steps` steps, up to `most`.
  static List<Batch> ofText(int[] tokens, int steps, int batch, int most) {
    TextData data = new TextData(tokens, steps, batch);
    List<Batch> all = new ArrayList<>();
    for (int i = 0; i < Math.min(most, data.updatesPerEpoch()); i++) {
      // Each has arrays of its own, since the next call fills them anew.
      Batch next = new TextData(tokens, steps, batch).batch(i);
      if (next.steps() == steps) {
        all.add(next);
      }
    }
    return all;
  }

  private static InspectionData ofLabels(
      Path file, NetworkModel other, List<Path> files, Integer steps, int batch, int most) {
    LabelModel model = LabelModel.of(file, other);
    Head head = other.network().spec().head();
    if (head.pooled().isPresent() || head instanceof Head.Tags) {
      throw new FormatException(
          file + ": expected a model with a loss at each step, got a head of " + head.text());
    }
    LabelledData data =
        model
            .format()
            .read(
                files.stream().map(TableFile::of).toList(),
                TableOptions.defaults(),
                LabelFormat.Labels.REQUIRED);
    return new InspectionData(
        model.batches(data, steps, batch, most), Optional.empty(), Optional.empty());
  }

  private static InspectionData ofSeries(
      Forecaster forecaster, List<Path> files, Integer steps, int batch, int most) {
    if (steps != null && steps != forecaster.spec().steps()) {
      throw new Refusal(
          "steps", "T=%d, a window of the model".formatted(forecaster.spec().steps()), steps);
    }
    List<TableFile> tables = files.stream().map(TableFile::of).toList();
    try (Table table = Table.read(tables, TableOptions.defaults())) {
      Panel panel = forecaster.panel(List.of(table));
      return new InspectionData(
          forecaster.batches(panel, batch, most), Optional.empty(), Optional.empty());
    }
  }

  private static InspectionData ofSets(
      SetModel model, List<Path> files, Integer steps, int batch, int most) {
    int classes = model.network().spec().outputs();
    SetSequences sets = SetSequences.read(files).require(classes);
    int length = steps == null ? SetTask.usualSteps(sets) : steps;
    List<Batch> all =
        SetTask.whole(sets, classes, model.network().kernels().precision(), length, batch, most);
    return new InspectionData(all, Optional.empty(), Optional.empty());
  }

  /// T
  int steps() {
    return batches.getFirst().steps();
  }

  /// What the first sequence reads at the steps from `from` to `until` - 1.
  public Inputs first(int from, int until) {
    Batch batch = batches.getFirst();
    int[] rows = new int[until - from];
    Arrays.setAll(rows, i -> (from + i) * batch.batch());
    return batch.inputs().select(rows);
  }

  /// The errors that are followed: of `count` steps, or of all for 0.
  public int[] times(int count) {
    return count == 0 ? ErrorFlow.allTimes(steps()) : ErrorFlow.someTimes(steps(), count);
  }
}
