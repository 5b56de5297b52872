package dev.unfold.kernels;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/// A fixed number of threads that work on one task at a time, the caller among them.
///
/// Waiting threads spin for a short while before they park: the tasks of a training step follow
/// each other too closely for the scheduler. The threads are daemons and end after the team has become
/// unreachable; there is nothing to close.
///
/// **Threads**: one caller at a time; a second one, a task of the team itself among them, gets an
/// [IllegalStateException].
public final class Team {
  private static final Cleaner CLEANER = Cleaner.create();

  /// Some tenths of a millisecond: waking a parked thread takes as long as a whole step of a small layer, and what a
  /// caller does between two tasks mostly takes less.
  private static final int SPINS = 20_000;

  private static final long PAUSE_NANOS = 20_000;

  private final Shared shared;
  private final Worker[] workers;

  private Team(int size) {
    shared = new Shared(Thread.currentThread(), size);
    workers = new Worker[size - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(shared, i + 1, size);
      workers[i].setDaemon(true);
      workers[i].start();
    }
  }

  /// What the members do: each gets its `part`, from 0 to `parts` - 1.
  @FunctionalInterface
  public interface Task {
    /// Does the part-th of `parts` parts.
    void run(int part, int parts);
  }

  /// A team of `size` threads.
  public static Team of(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, got " + size);
    }
    Team team = new Team(size);
    Worker[] workers = team.workers;
    Shared shared = team.shared;
    CLEANER.register(team, () -> shared.end(workers));
    return team;
  }

  /// Number of threads.
  public int size() {
    return workers.length + 1;
  }

  /// Runs all parts of `task` and returns when the last is done. What a part throws is thrown here, after
  /// all parts have ended; if several throw, what the first did.
  public void run(Task task) {
    if (workers.length == 0) {
      task.run(0, 1);
      return;
    }
    if (!shared.busy.compareAndSet(false, true)) {
      throw new IllegalStateException("team: expected one caller at a time, got a second");
    }
    Throwable failure;
    try {
      failure = shared.runAll(task, workers);
    } finally {
      shared.busy.set(false);
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  /// Waits within a task until every member of the team has come here: what they wrote before, all see after.
  /// Each part of a task must call it equally often.
  ///
  /// @param part the part that the caller runs
  ///
  /// **Errors**: [IllegalStateException] if another part has ended with an exception.
  public void await(int part) {
    if (workers.length > 0) {
      shared.meet(part, workers.length + 1);
    }
  }

  /// The first of part `part`'s items when `count` items are split among `parts`; its last is before the
  /// first of part + 1. The parts differ by at most one item.
  public static int from(int count, int part, int parts) {
    return (int) ((long) count * part / parts);
  }

  /// What caller and workers see. Apart from the team, so that the workers do not keep it reachable.
  private static final class Shared {
    /// Numbers apart, so that no two are in one cache line, nor in two that are fetched together.
    private static final int LINE = 32;

    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicIntegerArray met;
    private volatile boolean broken;
    private volatile Thread caller;
    private volatile int round;
    private volatile boolean ended;
    private Task task;
    private Throwable failure;

    Shared(Thread caller, int members) {
      this.caller = caller;
      met = new AtomicIntegerArray(slot(members));
    }

    /// Runs all parts; what was thrown first, or null. Keeps no reference to the task,
    /// which mostly leads back to the team and would keep it reachable for ever.
    Throwable runAll(Task work, Worker[] workers) {
      begin(work, workers);
      try {
        work.run(0, workers.length + 1);
      } catch (RuntimeException | Error e) {
        fail(e);
      }
      await();
      Throwable thrown = failure;
      task = null;
      failure = null;
      return thrown;
    }

    private void begin(Task work, Worker[] workers) {
      caller = Thread.currentThread();
      task = work;
      failure = null;
      broken = false;
      for (int part = 0; part <= workers.length; part++) {
        met.setPlain(slot(part), 0);
      }
      pending.set(workers.length);
      int next = round + 1;
      round = next;
      for (Worker worker : workers) {
        if (worker.parked) {
          LockSupport.unpark(worker);
        }
      }
    }

    private void await() {
      for (int spins = 0; pending.get() > 0; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
    }

    /// Each member says how often it has come, in a cache line of its own, and watches those of the others, which
    /// mostly come within a microsecond. A count that all share would go from core to core once more.
    void meet(int part, int members) {
      int meeting = met.getPlain(slot(part)) + 1;
      met.setRelease(slot(part), meeting);
      for (int other = 0; other < members; other++) {
        if (other != part) {
          watch(slot(other), meeting);
        }
      }
    }

    private void watch(int slot, int meeting) {
      for (int spins = 0; met.getAcquire(slot) < meeting; spins++) {
        if (broken) {
          throw new IllegalStateException("team: another part of the task has failed");
        }
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          // More members than cores: leave this one to those that are still on their way.
          LockSupport.parkNanos(this, PAUSE_NANOS);
        }
      }
    }

    private static int slot(int part) {
      return (part + 1) * LINE;
    }

    /// Keeps the first failure, which those of the parts that wait for its part come after.
    private void fail(Throwable thrown) {
      synchronized (this) {
        if (failure == null) {
          failure = thrown;
        }
      }
      broken = true;
    }

    void done(Throwable thrown) {
      if (thrown != null) {
        fail(thrown);
      }
      Thread waiting = caller;
      if (pending.decrementAndGet() == 0) {
        LockSupport.unpark(waiting);
      }
    }

    void end(Worker[] workers) {
      ended = true;
      for (Worker worker : workers) {
        LockSupport.unpark(worker);
      }
    }
  }

  private static final class Worker extends Thread {
    private final Shared shared;
    private final int part;
    private final int parts;
    private volatile boolean parked;

    Worker(Shared shared, int part, int parts) {
      super("unfold-" + part);
      this.shared = shared;
      this.part = part;
      this.parts = parts;
    }

    @Override
    public void run() {
      int seen = 0;
      while (awaitRound(seen)) {
        seen = shared.round;
        Throwable thrown = null;
        try {
          shared.task.run(part, parts);
        } catch (RuntimeException | Error e) {
          thrown = e;
        }
        shared.done(thrown);
      }
    }

    /// Waits for a round after `seen`; false if the team has ended.
    private boolean awaitRound(int seen) {
      for (int spins = 0; shared.round == seen; spins++) {
        if (shared.ended) {
          return false;
        }
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          parked = true;
          if (shared.round == seen && !shared.ended) {
            LockSupport.park(shared);
          }
          parked = false;
        }
      }
      return !shared.ended;
    }
  }
}
