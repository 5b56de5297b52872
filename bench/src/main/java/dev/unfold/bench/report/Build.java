package dev.unfold.bench.report;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Which build of Unfold runs here. Its version says little, since it stays the same while Unfold is worked on.
public final class Build {
  private static final int BYTES = 8;

  private Build() {}

  /// A digest of Unfold's jars on the class path, but for the comparison itself; that of none if they are folders.
  public static String here() {
    List<Path> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(Build::isMeasured)
            .sorted()
            .toList();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path jar : jars) {
        digest.update(Files.readAllBytes(jar));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isMeasured(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith("unfold-")
        && name.endsWith(".jar")
        && !name.startsWith("unfold-bench")
        && Files.isRegularFile(path);
  }
}
