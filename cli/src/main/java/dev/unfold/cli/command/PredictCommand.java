package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.TableForm;
import dev.unfold.cli.option.WeightsOption;
import dev.unfold.cli.report.PredictionReport;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.run.label.LabelModel;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold predict`
@Command(
    name = "predict",
    description = {
      "Tells the classes of sequences, or the tags of words, with their probabilities.",
      "",
      "Files are in the form of those that the model was trained on, without the labels: a text a"
          + " line, words a line, rows of events, or series.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold predict model.safetensors questions.txt --top 3",
      "  unfold predict model.safetensors sentences.conll --conll"
    })
public final class PredictCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A trained model.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description = "What such a model is trained on; - is standard input. None beside --jdbc.")
  private List<Path> files = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "1",
      description = "Tell the N most likely classes (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      defaultValue = "0",
      description =
          "Tell classes that are at least as likely, and ? where the first is not (default:"
              + " ${DEFAULT-VALUE}).")
  private double threshold;

  @Option(
      names = "--labelled",
      description = "The files have labels, as those in training: leave them out.")
  private boolean labelled;

  @Option(
      names = "--conll",
      description = "Print words with their tags, a line each, and blank lines between sentences.")
  private boolean conll;

  @Mixin private TableForm form;
  @Mixin private WeightsOption weights;
  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    form.expectFiles(files);
    if (top < 1) {
      throw new Refusal("top", "1 or more", top);
    }
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new Refusal("threshold", "a probability from 0 to 1", threshold);
    }
    if (conll && json.isAsked()) {
      throw new Refusal("conll", "either --conll or --json", "both");
    }
    LabelModel own = LabelModel.of(model, weights.load(model, backend.kernels()));
    if (conll && !own.isOfSteps()) {
      throw new Refusal("conll", "a model of tags", "one of classes");
    }
    LabelledData data =
        form.labelled(
            own.format(),
            files,
            labelled ? LabelFormat.Labels.REQUIRED : LabelFormat.Labels.UNKNOWN);
    new PredictionReport(spec.commandLine().getOut(), printed(own), top, threshold, own)
        .print(data.sequences());
  }

  private PredictionReport.Form printed(LabelModel own) {
    if (json.isAsked()) {
      return PredictionReport.Form.JSON;
    }
    return own.isOfSteps() && conll ? PredictionReport.Form.CONLL : PredictionReport.Form.TABLE;
  }
}
