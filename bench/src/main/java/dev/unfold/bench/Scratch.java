package dev.unfold.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A folder for unpacked libraries and sockets, which goes when the process does, however that ends.
///
/// @param folder it
record Scratch(Path folder) {
  static Scratch create() {
    try {
      Scratch scratch = new Scratch(Files.createTempDirectory("unfold-bench"));
      Runtime.getRuntime().addShutdownHook(new Thread(scratch::delete));
      return scratch;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException | UncheckedIOException _) {
      // The process ends: what is left is for the system, which owns the folder of temporary files.
    }
  }
}
