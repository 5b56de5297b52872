package dev.unfold.run.ring;

import java.nio.ByteBuffer;

/// The head of what is sent: a kind, the number of the call that it belongs to, an index, and the bytes that follow.
final class Frame {
  static final int BYTES = 4 * Integer.BYTES;

  /// A part of the sum so far, on its way to the last worker.
  static final int PARTIAL = 1;

  /// A part of the whole sum, on its way to all.
  static final int RESULT = 2;

  /// What the worker `index` tells all.
  static final int GATHERED = 3;

  /// Nothing but that the sender is there, and waits itself.
  static final int ALIVE = 4;

  /// Worker `index` is why nobody can go on; why, follows in UTF-8.
  static final int END = 5;

  /// An [#END] that another attempt would come to as well.
  static final int REFUSED = 6;

  /// The longest text of an end.
  static final int MOST_TEXT = 2000;

  final ByteBuffer head = ByteBuffer.allocateDirect(BYTES);

  void set(int kind, int call, int index, int length) {
    head.clear();
    head.putInt(kind).putInt(call).putInt(index).putInt(length);
    head.flip();
  }

  boolean isEnd() {
    return kind() == END || kind() == REFUSED;
  }

  int kind() {
    return head.getInt(0);
  }

  int call() {
    return head.getInt(Integer.BYTES);
  }

  int index() {
    return head.getInt(2 * Integer.BYTES);
  }

  int length() {
    return head.getInt(3 * Integer.BYTES);
  }
}
