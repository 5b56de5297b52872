package dev.unfold.cli.command;

import dev.unfold.cli.option.EncodingOption;
import dev.unfold.cli.option.InputFiles;
import dev.unfold.cli.option.LabelArguments;
import dev.unfold.cli.option.LabelDefaults;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.TaggedFormat;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.run.label.Decoding;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `unfold train tags`
@Command(
    name = "tags",
    description = {
      "Trains a network to give each word of a sentence its tag: a part of speech, a name.",
      "",
      "A file has a word a line and blank lines between sentences: CoNLL-U, or columns with tabs or"
          + " blanks between them, with their names in the first line or without. After each epoch"
          + " the network is validated, and saved if it is the best so far. Ctrl-C stops early and"
          + " keeps the best.",
      ""
    },
    defaultValueProvider = LabelDefaults.OfTagger.class,
    footer = {
      "Examples:",
      "  unfold train tags en_ewt-ud-train.conllu --column UPOS --valid en_ewt-ud-dev.conllu"
          + " --chars",
      "  unfold train tags train.conll --column 4 --decode crf"
    })
final class TrainTagsCommand extends LabelCommand {
  @Option(
      names = "--column",
      paramLabel = "COL",
      defaultValue = "",
      description =
          "The column of tags, by its name or its number from 1 (default: UPOS of CoNLL-U, else the"
              + " last).")
  private String column;

  @Option(
      names = "--words",
      paramLabel = "COL",
      defaultValue = "",
      description = "The column of words (default: FORM of CoNLL-U, else the first).")
  private String wordColumn;

  @Option(
      names = "--chars",
      description =
          "Look inside words: at their beginnings, their ends, and the kinds of their characters.")
  private boolean characters;

  @Option(
      names = "--decode",
      paramLabel = "HOW",
      defaultValue = "auto",
      description =
          "How the tags of a sentence are found: crf, a conditional random field that is trained"
              + " with the network; constrained, the best that the scheme of B- and I-tags allows;"
              + " free, each for itself; auto, crf for such tags and free for others (default:"
              + " ${DEFAULT-VALUE}).")
  private String decode;

  @Mixin private EncodingOption encoding;

  @Override
  LabelFormat format() {
    return new TaggedFormat(wordColumn, column);
  }

  @Override
  LabelledData read(LabelFormat format, List<Path> files, InputFiles inputs) {
    return inputs.read(format, files, encoding.tables(), LabelFormat.Labels.REQUIRED);
  }

  @Override
  LabelledData readOthers(LabelFormat format, List<Path> files, InputFiles inputs) {
    return read(format, files, inputs);
  }

  @Override
  LabelOptions options() {
    LabelOptions usual = words.of(LabelOptions.ofTagger(), encoding.charset());
    LabelOptions own = characters ? usual.with(LabelOptions.Look.CHARACTERS) : usual;
    return decode.equals("auto") ? own : own.with(Decoding.parse(decode));
  }

  @Override
  Head head(int classes) {
    return new Head.Classes(classes);
  }

  @Override
  LabelTraining training(LabelArguments.Parts parts, LabelOptions options, Precision precision) {
    return LabelTraining.ofSteps(parts.training(), parts.validation(), options, precision);
  }
}
