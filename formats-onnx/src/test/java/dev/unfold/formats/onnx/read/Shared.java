package dev.unfold.formats.onnx.read;

import java.nio.file.Files;
import java.nio.file.Path;

/// Files that lie beside the repository, where they are there.
final class Shared {
  private Shared() {}

  /// A folder in `shared`, which is beside the checkout, or where the property `unfold.shared` says.
  static Path folder(String first, String... more) {
    String given = System.getProperty("unfold.shared");
    if (given != null) {
      return Path.of(given).resolve(Path.of(first, more));
    }
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && !Files.isRegularFile(root.resolve("CHANGELOG.md"))) {
      root = root.getParent();
    }
    return root.resolveSibling("shared").resolve(Path.of(first, more));
  }
}
