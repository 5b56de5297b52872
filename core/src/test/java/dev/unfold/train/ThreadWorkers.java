package dev.unfold.train;

import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Workers that are threads, and add up by plain loops what is theirs.
final class ThreadWorkers {
  private static final long HANG = 60;

  private final int count;
  private final boolean isFloat;
  private final CyclicBarrier barrier;
  private final byte[][] told;

  /// What all have in an update, by rank.
  private final List<List<Parameters>> parts = new ArrayList<>();

  private final double[][] losses;
  private volatile boolean asked;

  private ThreadWorkers(int count, boolean isFloat) {
    this.count = count;
    this.isFloat = isFloat;
    barrier = new CyclicBarrier(count);
    told = new byte[count][];
    losses = new double[count][];
    for (int rank = 0; rank < count; rank++) {
      parts.add(List.of());
    }
  }

  interface Work<R> {
    R of(Workers workers) throws Exception;
  }

  /// What `work` gives in each of `count` workers.
  static <R> List<R> all(int count, boolean isFloat, Work<R> work) throws Exception {
    ThreadWorkers all = new ThreadWorkers(count, isFloat);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<R>> futures = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        Workers own = all.new One(rank);
        Callable<R> call = () -> work.of(own);
        futures.add(threads.submit(call));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(future.get(HANG, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private final class One implements Workers {
    private final int rank;
    private boolean stops;

    One(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public Sum begin(long place, Parameters sum, List<Parameters> more) {
      Parameters last = more.isEmpty() ? sum : more.getLast();
      return new Sum() {
        private final Told told = new Told(last);

        @Override
        public void finalFrom(long from) {
          told.finalFrom(from);
        }

        @Override
        public double finish(double... losses) {
          told.expectUnchanged();
          return add(sum, more, losses);
        }
      };
    }

    private double add(Parameters sum, List<Parameters> more, double... own) {
      List<Parameters> mine = new ArrayList<>(List.of(sum.copy()));
      more.forEach(each -> mine.add(each.copy()));
      parts.set(rank, mine);
      losses[rank] = own.clone();
      meet();
      boolean isFirst = true;
      for (List<Parameters> of : parts) {
        for (Parameters part : of) {
          for (long i = 0; i < part.buffer().length(); i++) {
            double number = Numbers.get(part.buffer(), i);
            double both = isFirst ? number : Numbers.get(sum.buffer(), i) + number;
            Numbers.set(sum.buffer(), i, isFloat ? (float) both : both);
          }
          isFirst = false;
        }
      }
      double total = 0;
      for (double[] of : losses) {
        for (double loss : of) {
          total += loss;
        }
      }
      boolean now = asked;
      meet();
      stops = now;
      meet();
      return total;
    }

    @Override
    public byte[][] gather(byte... mine) {
      told[rank] = mine;
      meet();
      byte[][] all = told.clone();
      meet();
      return all;
    }

    private void meet() {
      try {
        barrier.await(HANG, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new WorkerException("another worker failed", e);
      }
    }

    @Override
    public void requestStop() {
      asked = true;
    }

    @Override
    public boolean isStopRequested() {
      return stops;
    }

    @Override
    public void fail(String reason) {
      barrier.reset();
    }
  }
}
