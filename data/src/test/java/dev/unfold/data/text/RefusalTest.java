package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Heap;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cannot be read is refused in one line that names the file.
class RefusalTest {
  @TempDir private Path folder;

  @Test
  void read_ofNoFile_saysThatThereIsNone() {
    assertRefused(Unit.CHAR, folder.resolve("no.txt"), ": expected a file, found none");
  }

  @Test
  void read_ofAFolder_saysSo() {
    assertRefused(Unit.BYTE, folder, ": expected a file, got a folder");
  }

  @Test
  void read_ofAFileWithoutPermission_saysSo() throws IOException {
    Path file = file("a.txt", "abc".getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-wx------"));
    assumeFalse(Files.isReadable(file), "the superuser may read anything");
    assertRefused(Unit.CHAR, file, ": expected a readable file, got no permission");
  }

  @Test
  void read_ofAnEmptyFile_saysSo() throws IOException {
    Path empty = file("empty.txt", new byte[0]);
    for (Unit unit : Unit.values()) {
      assertRefused(unit, empty, ": expected text, got an empty file (0 bytes)");
    }
    Path mark = file("mark.txt", "\uFEFF".getBytes(StandardCharsets.UTF_8));
    assertRefused(Unit.CHAR, mark, ": expected text, got an empty file (3 bytes)");
    assertRefused(Unit.WORD, mark, ": expected text, got an empty file (3 bytes)");
  }

  @Test
  void read_ofLatin1_namesByteAndOffset() throws IOException {
    Path file = file("latin.txt", "abé".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(
        Unit.CHAR,
        file,
        ": expected UTF-8, got byte 0xE9 at offset 2; convert the text to UTF-8,"
            + " or use the unit BYTE (--unit byte)");
  }

  @Test
  void read_ofNoUtf8InALaterPiece_namesTheOffsetInTheFile() throws IOException {
    byte[] content = "é".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    content[150_000] = (byte) 0xF8;
    Path file = file("late.txt", content);
    DataException e = refused(Unit.WORD, file);
    assertTrue(e.getMessage().contains("byte 0xF8 at offset 150000;"), e.getMessage());
  }

  @Test
  void read_ofAnUnfinishedLastCharacter_namesItsOffset() throws IOException {
    DataException e =
        refused(Unit.CHAR, file("cut.txt", new byte[] {'a', (byte) 0xE2, (byte) 0x82}));
    assertTrue(e.getMessage().contains("byte 0xE2 at offset 1;"), e.getMessage());
  }

  @Test
  void read_ofABinaryFile_pointsToBytes() throws IOException {
    byte[] content = "a".repeat(70_000).getBytes(StandardCharsets.UTF_8);
    content[69_000] = 0;
    assertRefused(
        Unit.WORD,
        file("a.bin", content),
        ": expected text, got a zero byte at offset 69000: looks like a binary file or UTF-16;"
            + " the unit BYTE (--unit byte) reads any file");
  }

  @Test
  void read_ofAFileWithoutWhiteSpace_namesTheLongestWord() throws IOException {
    assertRefused(
        Unit.WORD,
        file("a.txt", "abcdefghij".repeat(10_000).getBytes(StandardCharsets.UTF_8)),
        ": expected words of at most 65536 characters, got a longer one that begins"
            + " \"abcdefghijabcdefghij...\"");
  }

  @Test
  void read_ofAFileThatIsTooShortToSplit_namesTheLength() throws IOException {
    assertRefused(
        Unit.CHAR,
        file("a.txt", "abc".getBytes(StandardCharsets.UTF_8)),
        ": expected at least 20 tokens, the last tenth for validation, got 3");
  }

  @Test
  void read_ofMoreTokensThanAnArrayHolds_isRefusedEarly() throws IOException {
    Path file = hole("huge.bin", 3_000_000_000L);
    assertRefused(
        Unit.BYTE,
        file,
        ": expected at most 2147483639 tokens, got about 3000000000; split the text");
  }

  @Test
  void read_ofMoreThanTheHeapHolds_isRefusedEarly() throws IOException {
    Path file = hole("large.bin", 500_000_000L);
    Heap heap = new Heap(() -> 1_000_000_000L);
    assertEquals(
        file
            + ": about 500000000 tokens: needs 2126 MB of heap, 1000 MB is free;"
            + " give Java more (-Xmx) or use less text",
        assertThrows(
                DataException.class,
                () -> DraftReader.ofFiles(Unit.BYTE, TextForm.STREAM, List.of(file), heap))
            .getMessage());
  }

  @Test
  void read_ofNoFiles_namesTheArgument() {
    assertEquals(
        "files: expected at least one, got none",
        assertThrows(IllegalArgumentException.class, () -> Corpus.read(Unit.CHAR, List.of()))
            .getMessage());
  }

  private static void assertRefused(Unit unit, Path file, String message) {
    assertEquals(file + message, refused(unit, file).getMessage());
  }

  private static DataException refused(Unit unit, Path file) {
    DataException e = assertThrows(DataException.class, () -> Corpus.read(unit, List.of(file)));
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    return e;
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  /// A file of zeros that takes no place on the disk.
  private Path hole(String name, long length) throws IOException {
    Path file = folder.resolve(name);
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(length);
    }
    return file;
  }
}
