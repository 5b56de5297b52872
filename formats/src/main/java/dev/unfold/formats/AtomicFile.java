package dev.unfold.formats;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/// Replaces a file as a whole: readers, and a process that starts after a crash, find the old file or
/// the new one, and nothing between.
final class AtomicFile {
  private AtomicFile() {}

  /// What writes the content.
  interface Content {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /// Writes `content` to `path`, or fails and leaves what was there.
  static void write(Path path, Content content) {
    try {
      Path target = target(path);
      Path temporary = temporary(target);
      try {
        writeForced(temporary, content);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        // Nothing is there after the move.
        Files.deleteIfExists(temporary);
      }
      forceFolder(target.getParent());
    } catch (AccessDeniedException e) {
      throw new FormatException(path + ": cannot be written: no permission", e);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be written: " + reason(e), e);
    }
  }

  /// The file to replace; what a link points to, so that the link survives.
  private static Path target(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    if (!Files.exists(absolute)) {
      Path folder = absolute.getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new FormatException(
            path + ": cannot be written: expected a folder " + folder + ", found none");
      }
      return absolute;
    }
    if (!Files.isRegularFile(absolute)) {
      String came = Files.isDirectory(absolute) ? "a folder" : "a device or a pipe";
      throw new FormatException(path + ": cannot be written: expected a file, got " + came);
    }
    if (!Files.isWritable(absolute)) {
      // A rename would replace it all the same, and with it what its owner protects.
      throw new AccessDeniedException(path.toString());
    }
    return absolute.toRealPath();
  }

  /// A name that no other process has, and that none has left behind.
  private static Path temporary(Path target) {
    HexFormat hex = HexFormat.of();
    String own =
        hex.toHexDigits(ProcessHandle.current().pid()) + hex.toHexDigits(System.nanoTime());
    return target.resolveSibling("." + target.getFileName() + "." + own + ".tmp");
  }

  private static void writeForced(Path file, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
    }
  }

  /// Makes the rename itself durable.
  private static void forceFolder(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      // Some systems do not open folders; there a rename is as durable as they make it.
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /// What went wrong, without the path, which messages begin with.
  static String reason(IOException e) {
    if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
