package dev.unfold.cli;

import dev.unfold.cell.Cell;
import dev.unfold.data.Unit;
import dev.unfold.data.Vocabulary;
import dev.unfold.net.Encoder;
import dev.unfold.net.NetworkSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say what network is made.
final class NetworkArguments {
  private static final int SYMBOL_EMBEDDING = 64;

  @Mixin private CellArguments cellArguments;

  @Option(
      names = "--hidden",
      paramLabel = "H",
      defaultValue = "256",
      description = "Hidden units of a layer (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--layers",
      paramLabel = "L",
      defaultValue = "1",
      description = "Recurrent layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--embedding",
      paramLabel = "I",
      description = {
        "Width of a token's vector (default: " + SYMBOL_EMBEDDING + " for characters and bytes, ",
        "H for words)."
      })
  private Integer embedding;

  /// Refuses what can be refused before any data are read.
  void check() {
    spec(Vocabulary.ofBytes());
  }

  Cell cell() {
    return cellArguments.cell();
  }

  NetworkSpec spec(Vocabulary vocabulary) {
    int symbols = vocabulary.unit() == Unit.WORD ? hidden : SYMBOL_EMBEDDING;
    int width = embedding == null ? symbols : embedding;
    if (hidden < 1) {
      throw new IllegalArgumentException("hidden: expected H of 1 or more, got " + hidden);
    }
    return new NetworkSpec(
        cell(), new Encoder.Embedding(vocabulary.size(), width), hidden, layers, vocabulary.size());
  }
}
