package dev.unfold.formats.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void write_ofANewFile_leavesOnlyIt() throws IOException {
    AtomicFile.write(folder.resolve("a"), content("new"));
    assertFolder("a", "new");
  }

  @Test
  void write_overAFile_replacesIt() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old and longer");
    AtomicFile.write(file, content("new"));
    assertFolder("a", "new");
  }

  @Test
  void write_thatFailsHalfway_leavesTheOldFile() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    FormatException e =
        assertThrows(
            FormatException.class,
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      content("new").writeTo(channel);
                      assertEquals(2, names().size());
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + ": cannot be written: No space left on device", e.getMessage());
    assertFolder("a", "old");
  }

  @Test
  void write_thatFailsWithAnyError_leavesNoTemporaryFile() throws IOException {
    Path file = folder.resolve("a");
    assertThrows(
        StackOverflowError.class,
        () ->
            AtomicFile.write(
                file,
                _ -> {
                  throw new StackOverflowError();
                }));
    assertEquals(List.of(), names());
  }

  @Test
  void write_whileItGoesOn_leavesTheOldFileToReaders() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    AtomicFile.write(
        file,
        channel -> {
          content("new").writeTo(channel);
          assertEquals("old", Files.readString(file));
        });
    assertFolder("a", "new");
  }

  @Test
  void write_toALink_replacesWhatItPointsTo() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Path file = Files.writeString(other.resolve("a"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    AtomicFile.write(link, content("new"));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("link", "other"), names());
  }

  @Test
  void write_toNoFolder_saysSo() throws IOException {
    Path file = folder.resolve("none").resolve("a");
    assertRefused(file, "expected a folder " + folder.resolve("none") + ", found none");
    Path notAFolder = Files.writeString(folder.resolve("b"), "");
    assertRefused(notAFolder.resolve("a"), "expected a folder " + notAFolder + ", found none");
  }

  @Test
  void write_overNoFile_saysSo() {
    assertRefused(folder, "expected a file, got a folder");
    assertRefused(Path.of("/dev/null"), "expected a file, got a device or a pipe");
    assertTrue(Files.exists(Path.of("/dev/null")) && !Files.isRegularFile(Path.of("/dev/null")));
  }

  @Test
  void write_withoutPermission_saysSo() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeFalse(Files.isWritable(file), "the superuser may write anything");
    assertRefused(file, "no permission");
    assertFolder("a", "old");
  }

  @Test
  void leftOvers_ofProcessesThatAreGone_areDeletedAndNothingElse() throws IOException {
    String time = "0123456789abcdef";
    String gone = "%016x".formatted(1L << 40);
    String runs = "%016x".formatted(ProcessHandle.current().parent().orElseThrow().pid());
    String own = "%016x".formatted(ProcessHandle.current().pid());
    Files.writeString(folder.resolve("a"), "");
    Files.writeString(folder.resolve(".a." + gone + time + ".tmp"), "");
    Files.writeString(folder.resolve(".a." + own + time + ".tmp"), "");
    List<String> others =
        List.of(
            ".a." + runs + time + ".tmp",
            ".a..tmp",
            ".a.notes.tmp",
            ".a.tmp",
            ".b." + gone + time + ".tmp",
            "a");
    for (String other : others) {
      Files.writeString(folder.resolve(other), "");
    }
    AtomicFile.removeLeftOvers(folder.resolve("a"));
    assertEquals(others.stream().sorted().toList(), names());
    AtomicFile.removeLeftOvers(folder.resolve("none").resolve("a"));
  }

  @Test
  void probe_ofAFolder_leavesNothing() throws IOException {
    AtomicFile.probe(folder.resolve("a"));
    assertEquals(List.of(), names());
    assertThrows(IOException.class, () -> AtomicFile.probe(folder.resolve("none").resolve("a")));
  }

  private static void assertRefused(Path file, String message) {
    assertEquals(
        file + ": cannot be written: " + message,
        assertThrows(WriteException.class, () -> AtomicFile.write(file, content("new")))
            .getMessage());
  }

  private static AtomicFile.Content content(String text) {
    return channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void assertFolder(String name, String content) throws IOException {
    assertEquals(List.of(name), names());
    assertEquals(content, Files.readString(folder.resolve(name)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
