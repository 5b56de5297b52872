package dev.unfold.kernels.work;

import dev.unfold.argument.Refusal;
import java.lang.ref.Cleaner;
import java.lang.reflect.UndeclaredThrowableException;

/// A fixed number of threads that work on one task at a time, the caller among them.
///
/// A task has as many parts as the team has threads. Each member takes the part of its own, and then what is left of
/// those whose members have not come: a member that the scheduler has put aside holds nobody up, unless it was within
/// a part. So the time is at most about that of one thread, however busy the processors are. Which member runs which
/// part is left open; a part must not wait for another.
///
/// A task may have several phases, each of which begins when all parts of the one before are done.
///
/// Waiting threads spin for a short while before they park: the phases of a training step follow each other too closely
/// for the scheduler. No more threads are started than there are processors. They are daemons and end after the team
/// has become unreachable; there is nothing to close.
///
/// **Threads**: one caller at a time; a second one, a task of the team itself among them, gets an
/// [IllegalStateException].
public final class Team {
  /// The most threads that a team can have.
  public static final int MOST = 1024;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Crew crew;

  private Team(Crew crew) {
    this.crew = crew;
  }

  /// What the members do: `part` goes from 0 to `parts` - 1.
  @FunctionalInterface
  public interface Task {
    /// Does the part-th of `parts` parts.
    void run(int part, int parts);
  }

  /// What the members do in several phases.
  @FunctionalInterface
  public interface Phases {
    /// Does the part-th of `parts` parts of a phase. All parts of the phases before it are done, and what they wrote is
    /// seen.
    void run(int phase, int part, int parts);
  }

  /// A team of `size` threads, of which no more compute at a time than there are processors.
  ///
  /// @param size from 1 to [#MOST]
  public static Team of(int size) {
    checkSize(size);
    return of(size, Math.min(size, Runtime.getRuntime().availableProcessors()));
  }

  /// A team of `size` parts, and of `members` threads with the caller.
  static Team of(int size, int members) {
    checkSize(size);
    Crew crew = new Crew(size, members);
    crew.start();
    Team team = new Team(crew);
    CLEANER.register(team, crew::end);
    return team;
  }

  private static void checkSize(int size) {
    if (size < 1 || size > MOST) {
      throw new Refusal("threads", "1 to " + MOST, size);
    }
  }

  /// Number of threads.
  public int size() {
    return crew.parts();
  }

  /// Runs all parts of `task` and returns when the last is done. What a part throws is thrown here, after
  /// all parts have ended; if several throw, what the first did.
  public void run(Task task) {
    if (size() == 1) {
      task.run(0, 1);
    } else {
      rethrow(crew.run(task, null, 1));
    }
  }

  /// Runs `count` phases of `phases`, none if `count` is 0. After a phase of which a part throws, no other is run.
  public void run(Phases phases, int count) {
    if (size() == 1) {
      for (int phase = 0; phase < count; phase++) {
        phases.run(phase, 0, 1);
      }
    } else if (count > 0) {
      rethrow(crew.run(null, phases, count));
    }
  }

  /// The same by the caller alone, all parts one after the other: for what takes less time than to tell others of it,
  /// a microsecond or so.
  public void runAlone(Phases phases, int count) {
    int parts = size();
    for (int phase = 0; phase < count; phase++) {
      for (int part = 0; part < parts; part++) {
        phases.run(phase, part, parts);
      }
    }
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new UndeclaredThrowableException(failure);
    }
  }

  /// The first of part `part`'s items when `count` items are split among `parts`; its last is before the
  /// first of part + 1. The parts differ by at most one item.
  public static int from(int count, int part, int parts) {
    return (int) ((long) count * part / parts);
  }
}
