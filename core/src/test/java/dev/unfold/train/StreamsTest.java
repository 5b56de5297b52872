package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamsTest {
  @Test
  void fill_twoStreams_interleavesTheirTokensByTime() {
    Streams streams = new Streams(IntStream.range(0, 11).toArray(), 2);
    int[] inputs = new int[6];
    int[] targets = new int[6];
    streams.fill(1, 3, inputs, targets);
    assertEquals(5, streams.length());
    assertArrayEquals(new int[] {1, 6, 2, 7, 3, 8}, inputs);
    assertArrayEquals(new int[] {2, 7, 3, 8, 4, 9}, targets);
  }

  @Test
  void length_leftOverTokens_areNotUsed() {
    assertEquals(3, new Streams(new int[12], 3).length());
    assertEquals(3, new Streams(new int[10], 3).length());
    assertEquals(2, new Streams(new int[9], 3).length());
  }
}
