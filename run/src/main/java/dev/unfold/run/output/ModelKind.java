package dev.unfold.run.output;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.file.Path;

/// What a model is for, as it is told where another is needed.
public final class ModelKind {
  private ModelKind() {}

  /// That a file cannot be used, with what it is and which commands take that.
  ///
  /// @param expected what could be used
  public static FormatException refusal(Path file, String expected, Model got) {
    return new FormatException("%s: expected %s, got %s".formatted(file, expected, text(got)));
  }

  private static String text(Model model) {
    return switch (model) {
      case LanguageModel _ -> "a model of texts, which unfold eval and sample take";
      case SetModel _ -> "a model of sets, which unfold eval and inspect take";
      case NetworkModel network ->
          switch (network.task()) {
            case "series" -> "a model of series, which unfold forecast, backtest and eval take";
            case "classify" -> "a model of classes, which unfold predict and eval take";
            case "tags" -> "a model of tags, which unfold predict and eval take";
            default ->
                "a network with a head of %s, of which nothing is said that a command needs"
                    .formatted(network.network().spec().head().text());
          };
    };
  }
}
