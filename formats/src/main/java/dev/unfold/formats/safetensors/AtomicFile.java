package dev.unfold.formats.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Replaces a file as a whole: readers, and a process that starts after a crash, find the old file or
/// the new one, and nothing between.
///
/// The new one is written under another name in the same folder (`.NAME.*.tmp`), forced to the disk, and then renamed.
/// A process that is killed meanwhile leaves that file, which [#removeLeftOvers] finds.
public final class AtomicFile {
  /// What comes between the name of a file and `.tmp`: a process and a time.
  private static final Pattern OWN = Pattern.compile("(\\p{XDigit}{16})\\p{XDigit}{16}");

  private static final String TEMPORARY = ".tmp";
  private static final int RADIX = 16;

  private AtomicFile() {}

  /// What writes the content.
  @FunctionalInterface
  public interface Content {
    /// Writes it to `channel`, all of it.
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /// Writes `content` to `path`, or fails and leaves what was there.
  ///
  /// **Errors**: [WriteException].
  public static void write(Path path, byte[] content) {
    write(path, channel -> writeAll(channel, ByteBuffer.wrap(content)));
  }

  static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// As [#write(Path, byte\[\])], with content that is made while it is written.
  ///
  /// **Errors**: [WriteException].
  public static void write(Path path, Content content) {
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
    } catch (IOException e) {
      throw new WriteException(path + ": cannot be written: " + reason(e), e);
    }
  }

  /// Finds out whether [#write] could make a file for `path`, by making an empty one under another name and deleting
  /// it.
  public static void probe(Path path) throws IOException {
    Path temporary = temporary(path.toAbsolutePath());
    try {
      Files.createFile(temporary);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// Deletes what processes left beside `path` that were killed while they wrote it.
  ///
  /// What belongs to a process that still runs is not touched, unless that is this one, which is expected not to be
  /// writing the file just now: after a restart of a container the process of before had the same number.
  public static void removeLeftOvers(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path target = Files.isRegularFile(absolute) ? absolute.toRealPath() : absolute;
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    String begin = "." + target.getFileName() + ".";
    List<Path> found;
    try (Stream<Path> files = Files.list(folder)) {
      found = files.filter(file -> isLeftOver(file.getFileName().toString(), begin)).toList();
    }
    for (Path file : found) {
      Files.deleteIfExists(file);
    }
  }

  private static boolean isLeftOver(String name, String begin) {
    if (!name.startsWith(begin)
        || !name.endsWith(TEMPORARY)
        || name.length() < begin.length() + TEMPORARY.length()) {
      return false;
    }
    Matcher own = OWN.matcher(name.substring(begin.length(), name.length() - TEMPORARY.length()));
    if (!own.matches()) {
      return false;
    }
    long process = Long.parseUnsignedLong(own.group(1), RADIX);
    return process == ProcessHandle.current().pid() || ProcessHandle.of(process).isEmpty();
  }

  /// The file to replace; what a link points to, so that the link survives.
  private static Path target(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    if (!Files.exists(absolute)) {
      Path folder = absolute.getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new WriteException(
            path + ": cannot be written: expected a folder " + folder + ", found none");
      }
      return absolute;
    }
    if (!Files.isRegularFile(absolute)) {
      String came = Files.isDirectory(absolute) ? "a folder" : "a device or a pipe";
      throw new WriteException(path + ": cannot be written: expected a file, got " + came);
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
    return target.resolveSibling("." + target.getFileName() + "." + own + TEMPORARY);
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

  /// Why reading or writing failed, in a few words without the file's name.
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it or its folder is gone";
      case AccessDeniedException _ -> "no permission";
      case FileAlreadyExistsException _ -> "there is something else of that name";
      // The message of these is a file's name.
      case FileSystemException failed ->
          failed.getReason() == null ? e.getClass().getSimpleName() : failed.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
