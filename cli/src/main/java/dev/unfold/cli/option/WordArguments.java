package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.WordVectors;
import dev.unfold.data.table.TableFile;
import dev.unfold.run.label.LabelOptions;
import java.nio.charset.Charset;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options that say what is made of words.
public final class WordArguments {
  private static final String FIRST = "--vector-words";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--embedding",
      paramLabel = "I",
      description = "Width of a word's vector (default: ${DEFAULT-VALUE}).")
  private int embedding;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      description =
          "Words that occur less often in what is learnt from are read as one that is unknown"
              + " (default: ${DEFAULT-VALUE}).")
  private int least;

  @Option(
      names = "--vectors",
      paramLabel = "FILE",
      description =
          "Vectors that words start with: lines of a word and numbers, as GloVe, word2vec and"
              + " fastText write them. Their width is that of the words' vectors.")
  private Path vectors;

  @Option(
      names = FIRST,
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "The first words of --vectors that are known to the model although what is learnt from"
              + " has not got them (default: ${DEFAULT-VALUE}).")
  private int first;

  /// `usual` with what was said.
  ///
  /// @param encoding of the file of vectors
  public LabelOptions of(LabelOptions usual, Charset encoding) {
    if (first < 0) {
      throw new Refusal("vector-words", "0 or more", first);
    }
    if (vectors == null && spec.commandLine().getParseResult().hasMatchedOption(FIRST)) {
      throw new Refusal("vector-words", "--vectors beside it", "none");
    }
    LabelOptions own = usual.withEmbedding(embedding).withLeast(least);
    return vectors == null
        ? own
        : own.with(new WordVectors.File(TableFile.of(vectors), encoding, first));
  }
}
