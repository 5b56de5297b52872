package dev.unfold.formats.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// An entry of a zip file that is not compressed: the same content gives the same bytes.
public final class StoredEntry {
  /// What all entries say; zip files know no time before it.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private StoredEntry() {}

  /// What an entry holds; written twice, since its length and check sum have to be known before.
  @FunctionalInterface
  public interface Content {
    /// Writes all of it.
    void writeTo(OutputStream output) throws IOException;
  }

  /// Adds an entry.
  public static void put(ZipOutputStream zip, String name, Content content) throws IOException {
    CRC32 sum = new CRC32();
    long[] length = {0};
    content.writeTo(
        new CheckedOutputStream(OutputStream.nullOutputStream(), sum) {
          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            length[0] += count;
            super.write(bytes, from, count);
          }
        });
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(length[0]);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    content.writeTo(zip);
    zip.closeEntry();
  }
}
