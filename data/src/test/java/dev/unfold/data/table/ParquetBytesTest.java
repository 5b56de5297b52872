package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ranges of a file that others may change.
final class ParquetBytesTest {
  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void write() throws IOException {
    path = Files.write(folder.resolve("t.parquet"), new byte[] {1, 2, 3, 4, 5});
  }

  @Test
  void range_ofAFile_isItsBytes() throws IOException {
    try (ParquetBytes file = ParquetBytes.of(path)) {
      assertEquals(ByteBuffer.wrap(new byte[] {2, 3, 4}), file.readRange(1, 3));
      assertEquals(0, file.readRange(5, 0).remaining());
    }
  }

  /// A mapped file would end the process here.
  @Test
  void range_ofAFileCutShortMeanwhile_isRefused() throws IOException {
    try (ParquetBytes file = ParquetBytes.of(path)) {
      ByteBuffer before = file.readRange(0, 5);
      try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
        other.truncate(2);
      }
      assertThrows(EOFException.class, () -> file.readRange(1, 3));
      assertEquals(5, before.get(4));
    }
  }

  @Test
  void range_outsideTheFile_isRefusedBeforeRoomIsMadeForIt() throws IOException {
    try (ParquetBytes file = ParquetBytes.of(path)) {
      assertThrows(EOFException.class, () -> file.readRange(0, Integer.MAX_VALUE));
      assertThrows(EOFException.class, () -> file.readRange(-1, 1));
      assertThrows(EOFException.class, () -> file.readRange(Long.MAX_VALUE, 1));
      assertThrows(EOFException.class, () -> file.readRange(1, -1));
    }
  }
}
