package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.time.Duration;

/// When a worker last saw that its neighbours are there, when it last said so itself, and whom to blame when that is
/// too long ago.
///
/// Who waits tells the worker after it at intervals that it is there ([Frame#ALIVE]), and so does who still finds
/// numbers for a sum. So one that sends nothing at all for the time-out is the one to blame, and not one that waits
/// itself. One that takes nothing is not, as long as it may be computing: the worker after it watches it. When nobody
/// is ([Call#hasAll]), it is to blame as well: of two workers no other may be waiting for it.
final class Signs {
  /// How many times in a time-out who waits says that it is there.
  private static final int IN_A_TIMEOUT = 8;

  private static final long MILLISECOND = 1_000_000;

  private final Peers peers;
  private long timeout;
  private long heard;
  private long taken;
  private long said;

  Signs(Peers peers, Duration timeout) {
    this.peers = peers;
    this.timeout = timeout.toNanos();
  }

  /// Changes the time-out.
  void stretch(int times) {
    timeout *= times;
  }

  /// The same the other way.
  void shrink(int times) {
    timeout /= times;
  }

  /// A call begins.
  void begin() {
    heard = System.nanoTime();
    taken = heard;
    said = heard;
  }

  /// The worker before has sent something.
  void hear() {
    heard = System.nanoTime();
  }

  /// The worker after has taken something.
  void take() {
    taken = System.nanoTime();
  }

  /// Until now the worker after might have been computing.
  void expectToBeTaken() {
    taken = heard;
  }

  /// Nanoseconds between two signs.
  long interval() {
    return timeout / IN_A_TIMEOUT;
  }

  /// How long to wait for something to happen, in milliseconds.
  long pause() {
    return Math.max(1, interval() / MILLISECOND);
  }

  /// Whether it is time to say that this worker is there; if so, it is said.
  boolean areDue() {
    long now = System.nanoTime();
    boolean are = now - said > interval();
    said = are ? now : said;
    return are;
  }

  /// Looks who is to blame.
  ///
  /// @param waits whether something has to come
  /// @param offers whether something has to be taken, by one that does not compute
  ///
  /// **Errors**: [WorkerException] that names a worker which has done nothing for the time-out.
  void check(boolean waits, boolean offers) {
    long now = System.nanoTime();
    // What others sent while nobody waited was not looked at.
    heard = waits ? heard : now;
    taken = offers ? taken : now;
    if (now - taken > timeout) {
      throw idle(peers.after(), "taken");
    }
    if (now - heard > timeout) {
      throw idle(peers.before(), "sent");
    }
  }

  private WorkerException idle(int rank, String what) {
    return new WorkerException(
        "%s has %s nothing for %s".formatted(peers.name(rank), what, seconds(timeout)));
  }

  static String seconds(long nanos) {
    return "%.3g s".formatted(nanos / 1e9);
  }
}
