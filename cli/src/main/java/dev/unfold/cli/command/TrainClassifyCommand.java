package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.ColumnName;
import dev.unfold.cli.option.InputFiles;
import dev.unfold.cli.option.LabelArguments;
import dev.unfold.cli.option.LabelDefaults;
import dev.unfold.cli.option.TableForm;
import dev.unfold.data.label.EventsFormat;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LinesFormat;
import dev.unfold.data.label.SeriesFormat;
import dev.unfold.data.label.TextFormat;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Precision;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `unfold train classify`
@Command(
    name = "classify",
    description = {
      "Trains a network to tell which class a sequence is of: a series of numbers, a text, the"
          + " events of a user.",
      "",
      "A file is in the form .ts of the UEA archive; or has a text a line with its label before it;"
          + " or is a table, with a text in each row (--text, --label) or an event (--by, --label)."
          + " After each epoch the network is validated, and saved if it is the best so far. Ctrl-C"
          + " stops early and keeps the best.",
      ""
    },
    defaultValueProvider = LabelDefaults.OfClassifier.class,
    footer = {
      "Examples:",
      "  unfold train classify train.ts --test test.ts",
      "  unfold train classify questions.txt --label-until : --encoding ISO-8859-1",
      "  unfold train classify mails.csv --text body --label class",
      "  unfold train classify events.csv --by user --time t --label churned --features amount,kind"
    })
final class TrainClassifyCommand extends LabelCommand {
  @Option(
      names = "--text",
      paramLabel = "COL",
      description = "The column of texts, for a table with one in each row.")
  private String text;

  @Option(names = "--label", paramLabel = "COL", description = "The column of labels of a table.")
  private String label;

  @Option(
      names = "--by",
      paramLabel = "COL",
      description = "The column that tells sequences apart, for a table with an event in each row.")
  private String by;

  @Option(
      names = "--time",
      paramLabel = "COL",
      description = "The column of times of events (default: they are in the order of the rows).")
  private String time;

  @Option(
      names = "--features",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description =
          "The columns of events that are read, with commas between them (default: all others).")
  private List<String> features = List.of();

  @Option(
      names = "--label-until",
      paramLabel = "TEXT",
      description = "Where the label before a text ends: with : that of ABBR:exp is ABBR.")
  private String until;

  @Option(
      names = "--pooling",
      paramLabel = "WHAT",
      description =
          "Which vector of a sequence its class is read out of: max or mean of all steps, or last"
              + " (default: ${DEFAULT-VALUE}).")
  private Pooling pooling;

  @Mixin private TableForm form;

  @Override
  LabelledData read(LabelFormat format, List<Path> files, InputFiles inputs) {
    return form.labelled(format, files, inputs, LabelFormat.Labels.REQUIRED);
  }

  @Override
  LabelledData readOthers(LabelFormat format, List<Path> files, InputFiles inputs) {
    return form.labelledFiles(format, files, inputs, LabelFormat.Labels.REQUIRED);
  }

  @Override
  LabelFormat format() {
    if (text != null && by != null) {
      throw new Refusal("text", "either --text or --by", "both");
    }
    boolean isTable = text != null || by != null;
    expect(isTable == (label != null), "label", "--label beside --text or --by", label);
    expect(by != null || time == null, "time", "--by beside it", "none");
    expect(by != null || features.isEmpty(), "features", "--by beside it", "none");
    expect(!isTable || until == null, "label-until", "lines that begin with a label", "a table");
    if (text != null) {
      return new TextFormat(text, label);
    }
    if (by != null) {
      return EventsFormat.of(by, time == null ? "" : time, label, features);
    }
    expect(!form.isQuery(), "sql", "--text or --by beside it", "none");
    boolean isSeries =
        until == null
            && data.first().map(file -> SeriesFormat.fits(file, form.options())).orElse(false);
    return isSeries ? new SeriesFormat() : new LinesFormat(until == null ? "" : until);
  }

  private static void expect(boolean holds, String option, String expected, String got) {
    if (!holds) {
      throw new Refusal(option, expected, got == null ? "none" : got);
    }
  }

  @Override
  LabelOptions options() {
    return words.of(LabelOptions.ofClassifier(), form.options().encoding()).with(pooling);
  }

  @Override
  Head head(int classes) {
    return new PooledHead(new Head.Classes(classes), pooling);
  }

  @Override
  LabelTraining training(LabelArguments.Parts parts, LabelOptions options, Precision precision) {
    return LabelTraining.ofSequences(parts.training(), parts.validation(), options, precision);
  }
}
