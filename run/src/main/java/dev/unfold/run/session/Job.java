package dev.unfold.run.session;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.sequence.Inputs;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Rows that a session is to read, and what is said of them. The thread that brings it waits, unless it is given a
/// lane: then it runs jobs, its own among them.
final class Job {
  /// Stands in for a lane once the thread waits no longer.
  private static final Object GONE = new Object();

  private final Entry entry;
  private final Inputs rows;
  private final Matrix outputs;
  private final byte[] state;
  private final boolean startsAnew;
  private final Thread thread = Thread.currentThread();
  private final AtomicReference<Object> handed = new AtomicReference<>();
  private int done;
  private Throwable failure;
  private volatile boolean isOver;

  /// @param entry whose
  /// @param outputs where what is said of the rows goes, `[T, K]`
  /// @param state where it goes on from; this array becomes where it ends
  /// @param startsAnew whether the network says where to start
  Job(Entry entry, Inputs rows, Matrix outputs, byte[] state, boolean startsAnew) {
    this.entry = entry;
    this.rows = rows;
    this.outputs = outputs;
    this.state = state;
    this.startsAnew = startsAnew;
  }

  Entry entry() {
    return entry;
  }

  Inputs rows() {
    return rows;
  }

  /// Rows that were run.
  int done() {
    return done;
  }

  int left() {
    return rows.rows() - done;
  }

  void advance(int steps) {
    done += steps;
  }

  boolean isNew() {
    return startsAnew && done == 0;
  }

  Matrix outputs() {
    return outputs;
  }

  /// The state after the rows that were run.
  byte[] state() {
    return state;
  }

  /// Lets its thread go on, with all outputs or with what went wrong: an [Error] or a [RuntimeException].
  void end(Throwable problem) {
    failure = problem;
    isOver = true;
    if (thread != Thread.currentThread()) {
      LockSupport.unpark(thread);
    }
  }

  boolean isOver() {
    return isOver;
  }

  /// Throws what went wrong, if anything did.
  void expectDone() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException known) {
      throw known;
    }
  }

  /// Gives its thread a lane to run.
  ///
  /// @return false if it has one or waits no longer
  boolean hand(Batcher.Lane lane) {
    boolean isTaken = handed.compareAndSet(null, lane);
    if (isTaken) {
      LockSupport.unpark(thread);
    }
    return isTaken;
  }

  /// Waits until it is over or a lane is handed to it.
  ///
  /// @return the lane, or null if it is over
  Batcher.Lane await() {
    while (!isOver && handed.get() == null) {
      LockSupport.park(this);
    }
    return (Batcher.Lane) handed.getAndSet(null);
  }

  /// Takes no lane any more.
  ///
  /// @return one that it was handed, or null
  Batcher.Lane leave() {
    return (Batcher.Lane) handed.getAndSet(GONE);
  }
}
