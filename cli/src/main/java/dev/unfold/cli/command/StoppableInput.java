package dev.unfold.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// An input that ends when it is stopped, also while somebody waits for more of it: a thread of its own waits.
final class StoppableInput extends InputStream {
  private static final int PIECES = 16;
  private static final int PIECE = 1 << 16;
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
  private byte[] piece = END;
  private int at;
  private boolean isEnded;
  private volatile boolean isStopped;
  private volatile IOException failure;

  StoppableInput(InputStream in) {
    Thread.ofPlatform().daemon().name("input").start(() -> copy(in));
  }

  private void copy(InputStream in) {
    try {
      try {
        byte[] buffer = new byte[PIECE];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          if (count > 0) {
            pieces.put(Arrays.copyOf(buffer, count));
          }
        }
      } catch (IOException e) {
        failure = e;
      }
      pieces.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Lets it end behind what was read. May be called by any thread.
  void stop() {
    isStopped = true;
    // If there is no room, nobody waits.
    boolean _ = pieces.offer(END);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (at == piece.length && !next()) {
      return -1;
    }
    int count = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, into, offset, count);
    at += count;
    return count;
  }

  private boolean next() throws IOException {
    if (!isEnded && !isStopped) {
      try {
        piece = pieces.take();
        at = 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      isEnded = piece.length == 0;
    }
    if (failure != null) {
      throw failure;
    }
    return !isEnded && !isStopped;
  }
}
