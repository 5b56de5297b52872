package dev.unfold.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A folder of golden cases: made by others, kept outside the project.
///
/// @param variable the environment variable that names it
/// @param path where it is, which need not exist
/// @param isDefault whether it is where it is if nothing else is said
record GoldenFolder(String variable, Path path, boolean isDefault) {
  static final String VARIABLE = "UNFOLD_GOLDEN";
  private static final String HEADS = "UNFOLD_GOLDEN_HEADS";
  private static final String ONLINE = "UNFOLD_GOLDEN_ONLINE";

  /// The folder that the environment variable names, or `../shared/golden` beside the repository.
  static GoldenFolder locate() {
    return of(System.getenv(VARIABLE), root());
  }

  /// The folder of cases of heads and losses, `../shared/golden-heads` if nothing else is said.
  static GoldenFolder heads() {
    return of(HEADS, System.getenv(HEADS), root(), "golden-heads");
  }

  /// The folder of cases of gradients while time runs forward, `../shared/golden-online` if nothing else is said.
  static GoldenFolder online() {
    return of(ONLINE, System.getenv(ONLINE), root(), "golden-online");
  }

  /// The folder `named`, seen from `root`: each module's tests run in a folder of their own, but whoever sets the
  /// variable stands in the repository. Without a name, the default.
  static GoldenFolder of(String named, Path root) {
    return of(VARIABLE, named, root, "golden");
  }

  private static GoldenFolder of(String variable, String named, Path root, String usual) {
    return named != null && !named.isBlank()
        ? new GoldenFolder(variable, root.resolve(named).normalize(), false)
        : new GoldenFolder(variable, root.resolveSibling("shared").resolve(usual), true);
  }

  private static Path root() {
    Path start = Path.of("").toAbsolutePath();
    return Stream.<Path>iterate(start, folder -> folder != null, Path::getParent)
        .filter(folder -> Files.exists(folder.resolve("core/pom.xml")))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("expected a folder with core/pom.xml above " + start));
  }

  /// The cases in order of name; empty if the default folder is not there. One that was named must be: a slip
  /// in the name would pass as a test that found nothing wrong.
  Optional<List<Path>> files() throws IOException {
    if (!Files.isDirectory(path)) {
      if (isDefault) {
        return Optional.empty();
      }
      throw new NotDirectoryException(variable + " names " + path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return Optional.of(files.filter(file -> file.toString().endsWith(".json")).sorted().toList());
    }
  }
}
