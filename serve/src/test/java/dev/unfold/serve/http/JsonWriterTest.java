package dev.unfold.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import org.junit.jupiter.api.Test;

final class JsonWriterTest {
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  @Test
  void room_upToWhatAnArrayHolds_growsAtOnce() {
    assertEquals(64, JsonWriter.grown(32, 33));
    assertEquals(100, JsonWriter.grown(32, 100));
    assertEquals(LONGEST, JsonWriter.grown(1 << 30, (1L << 30) + 1));
  }

  @Test
  void room_beyondWhatAnArrayHolds_isRefused() {
    assertThrows(Refusal.class, () -> JsonWriter.grown(LONGEST, LONGEST + 1L));
  }
}
