package dev.unfold.run.ring;

import java.nio.ByteBuffer;

/// What all workers do together, as one of them sees it: what it gets from the one before, and what it sends to the
/// one after, each in an order. It is asked by [Wire], which moves the bytes.
interface Call {
  /// Does what has become possible since the last time, as another thread has found more numbers.
  default void advance() {
    // What has all of its numbers from the start waits for nothing.
  }

  /// Whether there is more to get. What comes after is of the next call.
  boolean isExpecting();

  /// Whether all has come that this worker gets. Then all others have given what they have: nobody computes for this
  /// call any more.
  boolean hasAll();

  /// Where to put what the frame has.
  ///
  /// @return with room for `length` bytes
  ///
  /// **Errors**: [dev.unfold.train.WorkerException] if this is not what has to come.
  ByteBuffer accept(int kind, int index, int length);

  /// What was last accepted is there.
  void received();

  /// Whether something can be sent; [#take] then says what.
  boolean hasNext();

  /// Sets `frame` to the next head.
  ///
  /// @return what follows it, to be sent from its position to its limit
  ByteBuffer take(Frame frame, int call);

  /// Whether all was sent that has to be.
  boolean hasSentAll();
}
