package dev.unfold.serve.http;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Sends something now and then where nothing else is sent, so that nobody between takes the connection for dead, and
/// one whose other side is gone is found.
///
/// **Threads**: who sends, and one of its own.
final class Heartbeat implements AutoCloseable {
  private static final Duration USUAL = Duration.ofSeconds(15);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Patience patience;
  private final long pause;
  private final Runnable beat;
  private long last = System.nanoTime();
  private boolean isOver;

  private Heartbeat(Patience patience, Duration pause, Runnable beat) {
    this.patience = patience;
    this.pause = pause.toNanos();
    this.beat = beat;
  }

  /// Begins: after 15 s of silence, or half of what the other side has to read a piece, if that is less.
  ///
  /// @param beat what is sent; it may block, until the other side is cut off
  static Heartbeat start(Patience patience, Runnable beat) {
    Duration half = patience.limit().dividedBy(2);
    Heartbeat own = new Heartbeat(patience, half.compareTo(USUAL) < 0 ? half : USUAL, beat);
    Thread.ofVirtual().name("heartbeat").start(own::run);
    return own;
  }

  /// Sends something else, while nothing beats.
  void send(Runnable work) {
    lock.lock();
    try {
      work.run();
      last = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try (Patience.Wait wait = patience.begin()) {
      while (!isOver) {
        long left = last + pause - System.nanoTime();
        if (left > 0) {
          long _ = ended.awaitNanos(left);
        } else {
          isOver = wait.during(beat, Patience.NO_FAREWELL);
          last = System.nanoTime();
        }
      }
    } catch (InterruptedException | RuntimeException _) {
      // Its socket is closed, as who sends something else will see.
    } finally {
      lock.unlock();
    }
  }

  /// It does not beat any more.
  @Override
  public void close() {
    lock.lock();
    try {
      isOver = true;
      ended.signal();
    } finally {
      lock.unlock();
    }
  }
}
