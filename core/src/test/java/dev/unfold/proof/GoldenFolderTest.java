package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where the golden cases are looked for.
final class GoldenFolderTest {
  @TempDir private Path root;

  @Test
  void folder_named_isSeenFromTheRepository() throws IOException {
    Path file = Files.createDirectory(root.resolve("cases")).resolve("a.json");
    Files.writeString(file, "{}");

    assertEquals(Optional.of(List.of(file)), GoldenFolder.of("./cases", root).files());
    assertEquals(
        Optional.of(List.of(file)),
        GoldenFolder.of(root.resolve("cases").toString(), root).files());
  }

  @Test
  void folder_namedButMissing_isAnError() {
    assertThrows(NotDirectoryException.class, () -> GoldenFolder.of("misspelt", root).files());
  }

  @Test
  void folder_notNamed_mayBeMissing() throws IOException {
    Path clone = Files.createDirectory(root.resolve("clone"));

    assertEquals(Optional.empty(), GoldenFolder.of(null, clone).files());
    assertEquals(root.resolve("shared/golden"), GoldenFolder.of(" ", clone).path());
  }
}
