package dev.unfold.run.learn;

import dev.unfold.sequence.Batch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// A thread that learns from segments in their order, in a share of a processor's time: after a segment that took t it
/// rests for t (1 - share) / share.
///
/// **Threads**: any number.
final class LearnThread implements FollowedSessions.Sink {
  private static final long PATIENCE_SECONDS = 10;

  private final LearnLimits limits;
  private final Consumer<Work> learner;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Work> queue = new ArrayDeque<>();
  private int queued;

  /// Steps of the segment that is being learned.
  private int atHand;

  private boolean isBusy;
  private boolean isClosed;

  /// A segment of a session.
  ///
  /// @param isFirst whether it only moves the states
  record Work(Followed session, Batch segment, boolean isFirst) {}

  LearnThread(LearnLimits limits, String name, Consumer<Work> learner) {
    this.limits = limits;
    this.learner = learner;
    thread = Thread.ofPlatform().daemon().name("unfold-learn-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public boolean offer(Work work) {
    lock.lock();
    try {
      int steps = work.segment().steps();
      // A single segment longer than the queue would never be learned.
      if (isClosed || (queued > 0 && queued + steps > limits.queue())) {
        return false;
      }
      queued += steps;
      queue.addLast(work);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int queued() {
    lock.lock();
    try {
      return queued + atHand;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int most() {
    return limits.queue();
  }

  /// Lets go of all that waits.
  ///
  /// @return how many steps that were
  int drop() {
    lock.lock();
    try {
      int steps = queued;
      queue.clear();
      queued = 0;
      changed.signalAll();
      return steps;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (Work work = next(); work != null; work = next()) {
        long begun = System.nanoTime();
        learner.accept(work);
        learned();
        rest(System.nanoTime() - begun);
      }
    } catch (InterruptedException _) {
      // Nobody interrupts it but a virtual machine that ends.
      Thread.currentThread().interrupt();
    }
  }

  /// Null at the end.
  private Work next() throws InterruptedException {
    lock.lock();
    try {
      isBusy = false;
      changed.signalAll();
      while (queue.isEmpty() && !isClosed) {
        changed.await();
      }
      if (isClosed) {
        return null;
      }
      isBusy = true;
      Work work = queue.removeFirst();
      atHand = work.segment().steps();
      queued -= atHand;
      return work;
    } finally {
      lock.unlock();
    }
  }

  private void learned() {
    lock.lock();
    try {
      atHand = 0;
    } finally {
      lock.unlock();
    }
  }

  private void rest(long took) throws InterruptedException {
    long left = (long) (took * (1 - limits.share()) / limits.share());
    lock.lock();
    try {
      long until = System.nanoTime() + left;
      while (!isClosed && left > 0) {
        changed.awaitNanos(left);
        left = until - System.nanoTime();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until nothing is left.
  void await() throws InterruptedException {
    lock.lock();
    try {
      while (!isClosed && (isBusy || !queue.isEmpty())) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
