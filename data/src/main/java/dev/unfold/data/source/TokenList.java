package dev.unfold.data.source;

import java.util.Arrays;

/// Tokens of a text while it is read. Grows once to about what the rest of the text should need,
/// judged by what was read, so that a text too large for the heap is refused early.
public final class TokenList {
  /// The longest array that Java virtual machines allocate.
  static final int LIMIT = Integer.MAX_VALUE - 8;

  private static final int FIRST_CAPACITY = 1 << 20;

  private final String name;
  private final long totalBytes;
  private final Heap heap;
  private int[] ids;
  private int count;
  // How much was read when a piece ended, and how many tokens it had given.
  private long bytesRead;
  private int tokensRead;

  /// For a text of about `totalBytes`, 0 if that is not known; no token is shorter than a byte.
  public TokenList(String name, long totalBytes, Heap heap) {
    this.name = name;
    this.totalBytes = totalBytes;
    this.heap = heap;
    // One more than there are bytes: the end of a last line that has no line feed.
    long atMost = totalBytes == 0 ? FIRST_CAPACITY : totalBytes + 1;
    ids = new int[(int) Math.min(FIRST_CAPACITY, atMost)];
  }

  /// Tells that `bytes` more of the text are done.
  void read(long bytes) {
    bytesRead += bytes;
    tokensRead = count;
  }

  public void add(int id) {
    if (count == ids.length) {
      grow();
    }
    ids[count++] = id;
  }

  public int count() {
    return count;
  }

  /// The tokens, and room behind them.
  public int[] ids() {
    return ids;
  }

  private void grow() {
    long expected = count + 1L;
    long capacity = 2L * count;
    if (bytesRead > 0 && totalBytes > 0) {
      double tokensPerByte = (double) tokensRead / bytesRead;
      expected = Math.max(expected, (long) (tokensPerByte * totalBytes));
      // A sixteenth more, since texts are not even.
      capacity = expected + expected / 16 + 1;
    }
    if (expected > LIMIT) {
      throw new DataException(
          "%s: expected at most %d tokens, got about %d; split the text"
              .formatted(name, LIMIT, expected));
    }
    capacity = Math.min(capacity, LIMIT);
    heap.require(capacity * Integer.BYTES, "%s: about %d tokens".formatted(name, expected));
    ids = Arrays.copyOf(ids, (int) capacity);
  }
}
