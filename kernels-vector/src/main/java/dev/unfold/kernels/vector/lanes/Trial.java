package dev.unfold.kernels.vector.lanes;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// Finds out when a kernel in vectors is compiled, and sees to it that it will be.
///
/// Until C2 has compiled a method of vectors each vector is an object, and an operation takes a hundred times as long
/// as in plain loops; and meanwhile C2 is busy with the inside of the Vector API, which is hot for no other reason. So
/// every kernel has plain loops, too, for the same bits. They run at first, and a short program runs nothing else.
/// Once there has been enough to do, the kernels are run in vectors on memory of their own until they are fast: by one
/// thread in the background, what has done most so far before the rest.
///
/// **Threads**: any number. Counts that are lost between them and news that come late cost a little time.
public final class Trial implements Runnable, Comparable<Trial> {
  /// Operations on single numbers that all kernels together do in plain loops before any is tried: some tenths of a
  /// second, about as much as it takes to have the first kernels compiled.
  private static final long ENOUGH = 1L << 30;

  /// Operations of one kernel that make it worth a trial.
  private static final long LEAST = ENOUGH >> 8;

  /// Nanoseconds that an operation on a vector takes at most once it is compiled: between less than 1, and 50 or more
  /// before.
  private static final long MOST = 10;

  /// Nanoseconds after which the vectors are used in any case.
  private static final long LONGEST = 5_000_000_000L;

  /// Calls after which the compiler gets time to do what is due. It asks for some 700 of them, and several times as
  /// many while it has much to do.
  private static final int CALLS = 25;

  /// How much longer than these calls that time is.
  private static final int REST = 2;

  private static final ThreadPoolExecutor BACKGROUND = background();

  private static long allDone;

  private static boolean skipped;

  /// Of the one thread in the background alone.
  private static boolean classesAreLoaded;

  private final Runnable sample;
  private final long most;
  private long done;
  private boolean begun;
  private boolean over;

  /// A trial of what `sample` runs.
  ///
  /// @param operations on vectors in `sample`
  public Trial(long operations, Runnable sample) {
    most = MOST * operations;
    this.sample = sample;
  }

  private static ThreadPoolExecutor background() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "unfold-trials");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /// Loads what kernels make use of. Compiled code that has relied on a class without subclasses is thrown away when
  /// one is loaded, so none should be once the first kernel is compiled.
  private static void loadClasses() {
    MemorySegment heap = MemorySegment.ofArray(new byte[Lanes.BYTES]);
    VectorShuffle<Float> shuffle = VectorShuffle.fromOp(Lanes.SPECIES, lane -> lane);
    FloatVector x = Functions.softplus(Functions.tanh(Lanes.load(heap, 0, Lanes.first(1))));
    Lanes.store(x.rearrange(shuffle), heap, 0, Lanes.first(1));
    SumInDouble.total(SumInDouble.low(x).fma(SumInDouble.high(x), SumInDouble.low(x)));
  }

  /// Has all kernels run in vectors from now on, fast or not: for tests of these.
  public static void skipAll() {
    skipped = true;
  }

  /// Whether the vectors are fast. If not, plain loops have to do `work` operations instead.
  public boolean isOver(long work) {
    if (!over) {
      if (skipped) {
        over = true;
      }
      done += work;
      allDone += work;
      if (!begun && allDone > ENOUGH && done > LEAST) {
        begun = true;
        BACKGROUND.execute(this);
      }
    }
    return over;
  }

  @Override
  public void run() {
    if (!classesAreLoaded) {
      classesAreLoaded = true;
      loadClasses();
    }
    long begin = System.nanoTime();
    long resumed = begin;
    for (int calls = 1; !over; calls++) {
      long start = System.nanoTime();
      sample.run();
      long end = System.nanoTime();
      over = end - start <= most || end - begin > LONGEST;
      if (calls % CALLS == 0 && !over) {
        LockSupport.parkNanos(REST * (end - resumed));
        resumed = System.nanoTime();
      }
    }
  }

  @Override
  public int compareTo(Trial other) {
    return Long.compare(other.done, done);
  }
}
