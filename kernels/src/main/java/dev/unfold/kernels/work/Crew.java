package dev.unfold.kernels.work;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// The members of a [Team] and what they share. Apart from the team, so that the workers do not keep it reachable.
///
/// Member i's own part is the i-th. All phases of all tasks are numbered from 1 on ([PartStates]); a member that was
/// away goes on with the phase that its part is in by now.
///
/// **Threads**: one caller at a time.
final class Crew {
  /// How often a member looks again for one that is expected, before it takes that one's part: some microseconds,
  /// longer than a member that is running takes to come.
  private static final int GRACE = 200;

  /// How long a member spins for parts that others are at, or for the next task. To be woken takes as long, and to spin
  /// for longer costs a processor that others may need.
  private static final long SPIN_NANOS = 50_000;

  private final int parts;
  private final PartStates states;
  private final Member[] members;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger sleepers = new AtomicInteger();
  private volatile boolean ended;

  /// The last phase that may begin.
  private volatile long last;

  // The task to whose phases `last` belongs. Whoever has claimed a part of it may read this: until
  // all parts
  // are done, no other task begins.
  private long first;
  private Team.Task task;
  private Team.Phases phases;
  private Throwable failure;
  private volatile long failed;

  private static final class Member {
    private final int part;
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private volatile Thread thread;

    Member(int part) {
      this.part = part;
    }
  }

  /// @param parts of each phase
  /// @param count members, one of which is the caller; no more than parts
  Crew(int parts, int count) {
    this.parts = parts;
    states = new PartStates(parts);
    members = new Member[count];
    for (int i = 0; i < count; i++) {
      members[i] = new Member(i);
    }
  }

  /// Starts the workers.
  void start() {
    for (int i = 1; i < members.length; i++) {
      Member member = members[i];
      member.thread = new Thread(() -> work(member), "unfold-" + i);
      member.thread.setDaemon(true);
      member.thread.start();
    }
  }

  /// Lets the workers end.
  void end() {
    ended = true;
    wake();
  }

  int parts() {
    return parts;
  }

  private void work(Member member) {
    for (long phase = 1; awaitAllowed(member, phase); ) {
      finish(member, phase);
      phase = Math.max(phase + 1, states.begun(member.part));
    }
  }

  /// Runs all parts of one task or of `count` phases; what was thrown first, or null. Keeps no reference to the task,
  /// which mostly leads back to the team and would keep it reachable for ever.
  Throwable run(Team.Task one, Team.Phases several, int count) {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("team: expected one caller at a time, got a second");
    }
    Member caller = members[0];
    try {
      caller.thread = Thread.currentThread();
      task = one;
      phases = several;
      failed = Long.MAX_VALUE;
      first = last + 1;
      long end = last + count;
      last = end;
      wake();
      for (long phase = first; phase <= end; phase++) {
        finish(caller, phase);
      }
      Throwable thrown = failure;
      task = null;
      phases = null;
      failure = null;
      return thrown;
    } finally {
      caller.thread = null;
      busy.set(false);
    }
  }

  /// Sees to it that all parts of a phase are done, which has begun, or is the next and allowed.
  private void finish(Member member, long phase) {
    states.expect(member.part, true);
    if (states.claim(member.part, phase)) {
      runPart(member.part, phase);
    }
    for (int looks = 0; !states.areDone(phase); looks++) {
      if (takeLate(phase, looks >= GRACE)) {
        looks = 0;
      } else if (looks < GRACE) {
        Thread.onSpinWait();
      } else {
        awaitDone(member, phase);
      }
    }
  }

  /// Runs the parts whose members are late: those that nobody expects, or all.
  private boolean takeLate(long phase, boolean all) {
    boolean took = false;
    for (int part = 0; part < parts; part++) {
      if ((all || !states.isExpected(part)) && states.claim(part, phase)) {
        states.expect(part, false);
        runPart(part, phase);
        took = true;
      }
    }
    return took;
  }

  /// Runs a part that has been claimed.
  private void runPart(int part, long phase) {
    try {
      if (phase <= failed) {
        runTask((int) (phase - first), part);
      }
    } catch (Throwable e) {
      fail(e, phase);
    }
    states.done(part, phase);
    if (sleepers.get() > 0 && states.areDone(phase)) {
      wake();
    }
  }

  private void runTask(int phase, int part) {
    Team.Task whole = task;
    if (whole == null) {
      phases.run(phase, part, parts);
    } else {
      whole.run(part, parts);
    }
  }

  private synchronized void fail(Throwable thrown, long phase) {
    if (failure == null) {
      failure = thrown;
      failed = phase;
    }
  }

  /// Waits for the parts that others are at.
  private void awaitDone(Member member, long phase) {
    long start = System.nanoTime();
    while (!states.areDone(phase)) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        spin();
        continue;
      }
      lieDown(member);
      while (member.sleeping.get() && !states.areDone(phase)) {
        LockSupport.park(this);
      }
      getUp(member);
    }
  }

  /// Waits until `phase` is allowed; false if the team has ended.
  private boolean awaitAllowed(Member member, long phase) {
    long start = System.nanoTime();
    while (last < phase && !ended) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        spin();
        continue;
      }
      lieDown(member);
      while (member.sleeping.get() && last < phase && !ended) {
        LockSupport.park(this);
      }
      getUp(member);
    }
    return !ended;
  }

  /// To look at the time takes longer than to look once.
  private static void spin() {
    for (int i = 0; i < 4; i++) {
      Thread.onSpinWait();
    }
  }

  /// Says that a member is to be woken. It looks at what it waits for after this, and whoever changes that looks for
  /// sleepers after that; so at least one of them sees the other.
  private void lieDown(Member member) {
    sleepers.incrementAndGet();
    member.sleeping.set(true);
  }

  private void getUp(Member member) {
    if (member.sleeping.compareAndSet(true, false)) {
      sleepers.decrementAndGet();
    }
  }

  private void wake() {
    if (sleepers.get() == 0) {
      return;
    }
    for (Member member : members) {
      if (member.sleeping.compareAndSet(true, false)) {
        sleepers.decrementAndGet();
        LockSupport.unpark(member.thread);
      }
    }
  }
}
