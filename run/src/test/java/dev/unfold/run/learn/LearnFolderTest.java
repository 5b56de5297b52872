package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.session.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LearnFolderTest {
  @TempDir private Path folder;

  private final ModelVersion original = Streams.sensor(1);

  private static Decision decision(
      Kind kind, int number, String version, String before, Optional<Path> file) {
    return new Decision(
        kind, number, version, before, file, 10, 1, 0.5, 1, 0.1, 10, Streams.CLOCK.instant());
  }

  private ModelVersion promote(LearnFolder own, ModelVersion from, long seed) {
    LearnFolder.Written written = own.promote("sensor", Streams.sensor(seed).model());
    own.record(
        decision(
            Kind.PROMOTION,
            written.number(),
            written.version().version(),
            from.version(),
            Optional.of(written.file())),
        LearnOptions.defaults());
    return written.version();
  }

  private String latest() {
    return LearnFolder.latest(folder, original).map(ModelVersion::version).orElse("none");
  }

  @Test
  void latest_isWhatWasPromotedLast() {
    assertEquals("none", latest());
    ModelVersion first = promote(new LearnFolder(folder, original), original, 2);
    assertEquals(first.version(), latest());
    // A process that goes on from there still knows what all began with.
    ModelVersion second = promote(new LearnFolder(folder, first), first, 3);
    assertEquals(second.version(), latest());
    assertEquals(
        Optional.empty(),
        LearnFolder.latest(folder, new ModelVersion("sensor", "x", original.model())));
  }

  @Test
  void latest_afterARollback_isWhatThatWentBackTo() {
    LearnFolder own = new LearnFolder(folder, original);
    ModelVersion first = promote(own, original, 2);
    ModelVersion second = promote(own, first, 3);
    own.record(
        decision(Kind.ROLLBACK, own.next(), first.version(), second.version(), Optional.empty()),
        LearnOptions.defaults());
    assertEquals(first.version(), latest());
    own.record(
        decision(Kind.ROLLBACK, own.next(), "original", first.version(), Optional.empty()),
        LearnOptions.defaults());
    assertEquals("none", latest());
  }

  @Test
  void promotions_beforeTheLastTen_areLetGoUnlessTheyAreUsed() {
    LearnFolder own = new LearnFolder(folder, original);
    ModelVersion first = promote(own, original, 2);
    ModelVersion second = promote(own, first, 3);
    ModelVersion last = second;
    for (int seed = 4; seed < 14; seed++) {
      last = promote(own, last, seed);
    }
    own.prune(Set.of(first.version(), last.version()));

    assertTrue(Files.exists(folder.resolve("000001-promotion.safetensors")));
    assertTrue(Files.exists(folder.resolve("000001-promotion.json")));
    assertFalse(Files.exists(folder.resolve("000002-promotion.safetensors")));
    assertFalse(Files.exists(folder.resolve("000002-promotion.json")));
    assertTrue(Files.exists(folder.resolve("000003-promotion.safetensors")));
    assertEquals(last.version(), latest());
    assertEquals(13, own.next());
  }

  @Test
  void model_withoutItsNumbers_wasNotPromoted() {
    LearnFolder own = new LearnFolder(folder, original);
    ModelVersion first = promote(own, original, 2);
    own.promote("sensor", Streams.sensor(3).model());

    assertEquals(first.version(), latest());
    assertEquals(3, own.next());
  }

  @Test
  void model_thatIsAnotherThanItsNumbersSay_isRefused() throws IOException {
    promote(new LearnFolder(folder, original), original, 2);
    Path file = folder.resolve("000001-promotion.safetensors");
    ModelFile.save(file, Streams.sensor(9).model());
    assertThrows(FormatException.class, this::latest);
    Files.delete(file);
    assertThrows(FormatException.class, this::latest);
    Files.writeString(folder.resolve("000001-promotion.json"), "{\"version\":");
    assertThrows(FormatException.class, this::latest);
  }

  @Test
  void folder_thatIsNotThere_isRefused() {
    assertThrows(Refusal.class, () -> new LearnFolder(folder.resolve("none"), original));
    assertEquals(Optional.empty(), LearnFolder.latest(folder.resolve("none"), original));
  }
}
