package dev.unfold.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Small texts to learn from.
final class Texts {
  private static final String[] WORDS = {
    "the", "error", "flows", "back", "through", "time", "and", "fades", "as", "it", "goes"
  };

  private Texts() {}

  /// Words in random order, in lines.
  static Path write(Path file, int words) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= words; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(i % 8 == 0 ? '\n' : ' ');
    }
    return Files.writeString(file, text);
  }

  /// A model that was trained for an instant.
  static Path model(Path folder) throws IOException {
    Path text = write(folder.resolve("learned.txt"), 200);
    Path model = folder.resolve("tiny.safetensors");
    Cli.printed(
        "train",
        "text",
        text,
        "--out",
        model,
        "--hidden",
        8,
        "--epochs",
        1,
        "--steps",
        8,
        "--batch",
        4,
        "--embedding",
        4,
        "--threads",
        1);
    return model;
  }
}
