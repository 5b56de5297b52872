package dev.unfold.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Libraries as files, where the operating system can load them.
public final class NativeFiles {
  private NativeFiles() {}

  /// Copies a resource to `folder` unless it is there already, and returns the file.
  public static Path unpack(String resource, Path folder) {
    Path file = folder.resolve(Path.of(resource).getFileName());
    if (Files.exists(file)) {
      return file;
    }
    try (InputStream in = NativeFiles.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + ": expected on the class path, got nothing");
      }
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, "part", null);
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
