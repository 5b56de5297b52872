package dev.unfold.cli.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// An input of lines that ends when it is stopped, also while somebody waits for more of it: a thread of its own waits.
/// It ends behind a line then, so that no part of one is taken for a whole. Nothing is taken of it before the first
/// read.
final class StoppableInput extends InputStream {
  private static final int PIECES = 16;
  private static final int PIECE = 1 << 16;

  /// A line that is longer comes in parts.
  private static final int LONGEST = 1 << 24;

  private static final byte[] END = {};

  private final Thread thread;
  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
  private byte[] piece = END;
  private int at;
  private boolean isEnded;
  private volatile boolean isStopped;
  private volatile IOException failure;

  StoppableInput(InputStream in) {
    thread = Thread.ofPlatform().daemon().name("input").unstarted(() -> copy(in));
  }

  private void copy(InputStream in) {
    try {
      // What has come of the last line.
      ByteArrayOutputStream begun = new ByteArrayOutputStream();
      try {
        byte[] buffer = new byte[PIECE];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          int lines = count;
          while (lines > 0 && buffer[lines - 1] != '\n') {
            lines--;
          }
          if (lines > 0 || begun.size() >= LONGEST) {
            begun.write(buffer, 0, lines);
            put(begun);
          }
          begun.write(buffer, lines, count - lines);
        }
      } catch (IOException e) {
        failure = e;
      }
      put(begun);
      pieces.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void put(ByteArrayOutputStream bytes) throws InterruptedException {
    if (bytes.size() > 0) {
      pieces.put(bytes.toByteArray());
      bytes.reset();
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
    if (length == 0) {
      return 0;
    }
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
      if (thread.getState() == Thread.State.NEW) {
        thread.start();
      }
      try {
        piece = pieces.take();
        at = 0;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      isEnded = piece.length == 0;
    }
    if (isEnded && failure != null) {
      throw failure;
    }
    return !isEnded && !isStopped;
  }
}
