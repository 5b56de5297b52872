package dev.unfold.cli.report;

import dev.unfold.data.label.LabelledData;
import dev.unfold.head.Head;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.InspectionData;
import dev.unfold.run.inspect.InspectionMeter;
import dev.unfold.run.label.LabelEvaluation;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.output.Wording;
import dev.unfold.run.report.LabelPage;
import java.nio.file.Path;
import java.util.Optional;

/// Writes the page about a model of labels.
///
/// @param model it
/// @param network its network
/// @param data what it was evaluated on
/// @param evaluation what came of it
public record EvaluationPage(
    LabelModel model, Network network, LabelledData data, LabelEvaluation evaluation) {
  /// Sequences to follow errors on: so many batches of so many.
  private static final int BATCHES = 4;

  private static final int BATCH = 4;

  /// Errors that are followed, at most.
  private static final int ERRORS = 24;

  /// Writes it.
  ///
  /// @param command as it was typed
  /// @param files the names of the files
  public void write(Path page, String command, String files, Team team) {
    NetworkSpec spec = network.spec();
    boolean isOfSteps = spec.head().pooled().isEmpty() && !(spec.head() instanceof Head.Tags);
    Optional<InspectionData> sequences =
        isOfSteps
            ? Optional.of(
                new InspectionData(
                    model.batches(data, null, BATCH, BATCHES), Optional.empty(), Optional.empty()))
            : Optional.empty();
    Optional<Inspection> flow =
        sequences.map(some ->
            InspectionMeter.of(network, team, some)
                .withErrors(Math.min(ERRORS, some.batches().getFirst().steps()))
                .measure("", ""));
    String told =
        sequences
            .map(some ->
                ("The errors of the steps of sequences go back to their beginnings: measured on the"
                        + " first %d steps of %s.")
                    .formatted(
                        some.batches().getFirst().steps(),
                        Wording.count(
                            (long) some.batches().size() * some.batches().getFirst().batch(),
                            "sequence")))
            .orElse(
                "A loss of whole sequences, as that of %s, has no errors of single steps to follow."
                    .formatted(spec.head().text()));
    LabelPage.About about =
        new LabelPage.About(
            command,
            "%s: %s of %s"
                .formatted(
                    files,
                    Wording.count(data.sequences().size(), "sequence"),
                    Wording.count(data.steps(), "step")),
            "%s, hidden %d, %s, %s"
                .formatted(
                    LayerText.of(spec),
                    spec.hidden(),
                    Wording.count(spec.layers(), "layer"),
                    Wording.count(model.labels().size(), "label")),
            told);
    OutputFile.write(page, new LabelPage(evaluation, about, flow).html());
  }
}
