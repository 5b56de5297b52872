package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// What neighbours tell each other at the end ([Frame#END], [Frame#REFUSED]): who it was, and why, in one line.
final class Farewell {
  private final ByteBuffer text = ByteBuffer.allocateDirect(Frame.MOST_TEXT);
  private final Frame frame = new Frame();

  Farewell() {
    frame.head.clear();
  }

  /// Tells a neighbour why `rank` ends, which is the last that it hears.
  static void tell(SocketChannel channel, int rank, WorkerException why) {
    // A char has three bytes at most.
    String reason = why.getMessage();
    String text = reason.substring(0, Math.min(reason.length(), Frame.MOST_TEXT / 3));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Frame last = new Frame();
    last.set(why.isFinal() ? Frame.REFUSED : Frame.END, 0, rank, bytes.length);
    try {
      channel.write(new ByteBuffer[] {last.head, ByteBuffer.wrap(bytes)});
      channel.shutdownOutput();
      // What is not read when a connection is closed may cost the other end what it has not read.
      ByteBuffer unread = ByteBuffer.allocate(Frame.MOST_TEXT);
      while (channel.read(unread.clear()) > 0) {}
    } catch (IOException e) {
      System.getLogger(Farewell.class.getName())
          .log(System.Logger.Level.DEBUG, "a neighbour could not be told", e);
    }
  }

  /// Where the text of `end` goes.
  ByteBuffer textOf(Frame end) {
    int length = end.length();
    if (length < 0 || length > Frame.MOST_TEXT) {
      throw new WorkerException("a worker failed, and said so in %d bytes".formatted(length));
    }
    return text.clear().limit(length);
  }

  /// What was said in `end`, when its text is there.
  WorkerException said(Frame end) {
    String reason = StandardCharsets.UTF_8.decode(text.flip()).toString();
    return new WorkerException(reason, end.kind() == Frame.REFUSED);
  }

  /// Hears what comes the other way on a connection that this worker sends on: an end or nothing.
  ///
  /// @return whether the connection is over
  ///
  /// **Errors**: [WorkerException] with what an end says.
  boolean isOver(SocketChannel channel) throws IOException {
    int count = channel.read(frame.head);
    if (count < 0) {
      return true;
    }
    if (!frame.head.hasRemaining()) {
      ByteBuffer reason = textOf(frame);
      // A short text comes with its head, or not at all.
      while (reason.hasRemaining() && channel.read(reason) > 0) {}
      throw said(frame);
    }
    return false;
  }
}
