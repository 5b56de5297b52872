package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.FileReader;
import dev.unfold.data.source.Source;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// A file of a table, or bytes in memory in its place. One that a stream was copied to, since a table is read in
/// several passes, is deleted when it is closed, or else when the process ends.
public final class TableFile implements AutoCloseable {
  /// That of UTF-8, byte by byte.
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  private final String name;

  /// Null for bytes in memory.
  private final Path path;

  /// Null for a file.
  private final byte[] bytes;

  private final boolean isTemporary;

  private TableFile(String name, Path path, byte[] bytes, boolean isTemporary) {
    this.name = name;
    this.path = path;
    this.bytes = bytes;
    this.isTemporary = isTemporary;
  }

  /// A file that stays.
  public static TableFile of(Path path) {
    Expect.given("path", path);
    return new TableFile(path.toString(), path, null, false);
  }

  /// What a file with these bytes would be, without one: they are not copied, and nobody may change them. Whoever sent
  /// them has no say in files.
  ///
  /// @param name what messages call it
  public static TableFile of(String name, byte... bytes) {
    return new TableFile(Expect.given("name", name), null, Expect.given("bytes", bytes), false);
  }

  /// All that a stream has.
  ///
  /// @param name what messages call it
  ///
  /// **Errors**: [UncheckedIOException] if it cannot be read, or there is no room for it.
  public static TableFile copyOf(String name, InputStream in) {
    TableFile file = temporary(name);
    try {
      Files.copy(in, file.path, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      file.close();
      throw uncopied(name, e);
    }
  }

  /// An empty one.
  static TableFile temporary(String name) {
    try {
      Path path = Files.createTempFile("unfold-", ".table");
      path.toFile().deleteOnExit();
      return new TableFile(name, path, null, true);
    } catch (IOException e) {
      throw uncopied(name, e);
    }
  }

  private static UncheckedIOException uncopied(String name, IOException e) {
    return new UncheckedIOException(name + ": cannot be copied: " + e.getMessage(), e);
  }

  /// What messages call it.
  public String name() {
    return name;
  }

  /// Whether its bytes begin so; not if it cannot be read, which its reader will tell.
  boolean beginsWith(byte... bytes) {
    try (InputStream in = open()) {
      return Arrays.equals(bytes, in.readNBytes(bytes.length));
    } catch (IOException e) {
      return false;
    }
  }

  /// Its first characters, as far as they are of ASCII; none if it cannot be read, which its reader will tell.
  String beginning() {
    try (InputStream in = open()) {
      String text = new String(in.readNBytes(FileReader.PIECE), StandardCharsets.ISO_8859_1);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    } catch (IOException e) {
      return "";
    }
  }

  /// Null for bytes in memory.
  Path path() {
    return path;
  }

  /// Whether it can be read again and looked into; what comes through a pipe is there once.
  boolean isRegular() {
    return path == null || Files.isRegularFile(path);
  }

  /// Whether it is a folder, which is no file.
  boolean isFolder() {
    return path != null && Files.isDirectory(path);
  }

  /// Its bytes, from the first on.
  InputStream open() throws IOException {
    return path == null ? new ByteArrayInputStream(bytes) : Files.newInputStream(path);
  }

  /// Its bytes as evidence of what was read.
  ///
  /// **Errors**: [DataException] if it cannot be read.
  public Source source() {
    try (InputStream in = open()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] piece = new byte[FileReader.PIECE];
      long bytes = 0;
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        digest.update(piece, 0, count);
        bytes += count;
      }
      return new Source(name, bytes, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw DecodedFile.unreadable(name, e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /// The same of several.
  public static List<Source> sources(List<TableFile> files) {
    return files.stream().map(TableFile::source).toList();
  }

  @Override
  public void close() {
    if (isTemporary) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
