package dev.unfold.formats.exchange;

import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// A zip file from anybody, whose entries together may not expand to much more than the file has bytes.
public final class BoundedArchive implements AutoCloseable {
  /// How many bytes come out of one byte of the file at most; no numbers that were trained compress like that.
  private static final int MOST = 16;

  /// What a file of any size may expand to.
  private static final long ALWAYS = 1 << 18;

  private final String file;
  private final ZipFile zip;
  private final long bytes;
  private long left;

  private BoundedArchive(String file, ZipFile zip, long bytes, long always) {
    this.file = file;
    this.zip = zip;
    this.bytes = bytes;
    left = Math.max(always, MOST * bytes);
  }

  /// Opens a file.
  ///
  /// **Errors**: [FormatException] if it is missing or no zip file.
  public static BoundedArchive open(Path path) {
    return open(path, ALWAYS);
  }

  /// Opens a file that may expand to `always` bytes however small it is.
  static BoundedArchive open(Path path, long always) {
    String file = path.toString();
    if (!Files.isRegularFile(path)) {
      throw new FormatException(
          file
              + ": expected a file, "
              + (Files.exists(path) ? "got a folder, a device or a pipe" : "found none"));
    }
    try {
      return new BoundedArchive(file, new ZipFile(path.toFile()), Files.size(path), always);
    } catch (IOException e) {
      throw new FormatException(file + ": expected a zip file: " + AtomicFile.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": expected a zip file with names in UTF-8", e);
    }
  }

  /// How many bytes the file itself has.
  public long bytes() {
    return bytes;
  }

  /// The names of the entries, in their order.
  ///
  /// **Errors**: [FormatException] if two have one name: programs differ in which of them they read.
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    zip.stream()
        .map(ZipEntry::getName)
        .forEach(name -> {
          if (!names.add(name)) {
            throw new FormatException(
                "%s: expected each entry once, got %s twice".formatted(file, Quote.of(name)));
          }
        });
    return names;
  }

  /// All bytes of an entry.
  ///
  /// **Errors**: [FormatException] if there is none, it is damaged, or it expands to too much.
  public byte[] read(String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new FormatException(file + ": expected an entry " + Quote.of(name) + ", found none");
    }
    int most = (int) Math.min(left, Integer.MAX_VALUE - 16);
    try (InputStream input = zip.getInputStream(entry)) {
      byte[] bytes = input.readNBytes(most);
      if (input.read() >= 0) {
        throw new FormatException(
            "%s: entry %s: expected at most %d bytes, got more: all entries together may have %d times the file's"
                .formatted(file, Quote.of(name), most, MOST));
      }
      left -= bytes.length;
      return bytes;
    } catch (IOException e) {
      throw new FormatException(
          file + ": entry " + Quote.of(name) + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be closed: " + AtomicFile.reason(e), e);
    }
  }
}
