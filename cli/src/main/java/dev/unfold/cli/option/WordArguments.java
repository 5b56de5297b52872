package dev.unfold.cli.option;

import dev.unfold.run.label.LabelOptions;
import picocli.CommandLine.Option;

/// The options that say what is made of words.
public final class WordArguments {
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

  /// `usual` with what was said.
  public LabelOptions of(LabelOptions usual) {
    return usual.withEmbedding(embedding).withLeast(least);
  }
}
