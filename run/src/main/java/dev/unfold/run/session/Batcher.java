package dev.unfold.run.session;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/// Runs a network for sessions that come at any time: what waits at the same time is run side by side.
///
/// There is a *lane* for each processor. Who brings rows and finds a free lane runs them at once, with whatever else
/// waits; who finds none waits, and a lane comes free when its thread has its own answer: then it is handed to one who
/// waits. So no thread is there for this alone, a lone caller waits for nobody, and batches grow with the load.
///
/// Each row's numbers are the same bits in any batch: an element of a product is summed over what its own row holds,
/// in an order that depends on that sum's length alone.
///
/// **Threads**: any number.
final class Batcher {
  /// Steps times sequences in a frame, at most.
  private static final int MOST_ROWS = 64;

  private final Network network;
  private final StateLayout layout;
  private final int most;
  private final boolean hasStart;
  private final Consumer<List<Job>> finisher;
  private final ConcurrentLinkedQueue<Job> waiting = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedDeque<Lane> free = new ConcurrentLinkedDeque<>();
  private final Crowd crowd = new Crowd();
  private final Counts counts;

  /// @param most jobs side by side
  /// @param lanes how many frames may run at once
  /// @param counts what is run
  /// @param finisher what is done with jobs whose rows have all been run, before their threads go on
  Batcher(
      Network network,
      StateLayout layout,
      int most,
      int lanes,
      Counts counts,
      Consumer<List<Job>> finisher) {
    this.counts = counts;
    this.network = network;
    this.layout = layout;
    this.most = most;
    this.finisher = finisher;
    hasStart = network.spec().start().isPresent();
    for (int i = 0; i < lanes; i++) {
      free.add(new Lane());
    }
  }

  /// Frames, each of one size, in use by one thread at a time.
  final class Lane {
    private final Map<Integer, Frame> frames = new HashMap<>();
    private final List<Job> jobs = new ArrayList<>();
    private final List<Job> unfinished = new ArrayList<>();

    private Frame frame(int steps, int batch) {
      return frames.computeIfAbsent(
          (MOST_ROWS + 1) * steps + batch, _ -> new Frame(network, layout, steps, batch));
    }
  }

  /// A job of rows that were checked.
  ///
  /// @param state where it goes on from; this array becomes where it ends
  Job job(Entry entry, Inputs inputs, byte[] state) {
    Matrix outputs =
        Matrix.onHeap(network.kernels().type(), inputs.rows(), network.spec().outputs());
    return new Job(entry, inputs, outputs, state, hasStart && entry.isNew);
  }

  /// Runs a job, with others or alone; comes back when it is over.
  ///
  /// **Errors**: what running or finishing it threw.
  void run(Job job) {
    waiting.add(job);
    crowd.letOthersCome();
    Lane lane = job.isOver() ? null : free.pollFirst();
    while (!job.isOver()) {
      if (lane == null) {
        lane = job.await();
      } else if (!round(lane)) {
        // Another lane has it.
        passOn(lane);
        lane = null;
      }
    }
    if (lane != null) {
      passOn(lane);
    }
    Lane late = job.leave();
    if (late != null) {
      passOn(late);
    }
    job.expectDone();
  }

  /// Gives a lane to one who waits, or back.
  private void passOn(Lane lane) {
    Lane own = lane;
    while (own != null) {
      Job next = waiting.peek();
      if (next == null) {
        free.addFirst(own);
        // One who came between found no lane.
        own = waiting.isEmpty() ? null : free.pollFirst();
      } else if (next.hand(own)) {
        own = null;
      } else if (waiting.peek() == next) {
        // Its thread has a lane already, and will run what waits.
        free.addFirst(own);
        own = null;
      }
    }
  }

  /// Runs some rows of all that wait.
  ///
  /// @return false if nothing does
  private boolean round(Lane lane) {
    List<Job> jobs = lane.jobs;
    jobs.clear();
    int left = MOST_ROWS;
    while (jobs.size() < most) {
      Job next = waiting.poll();
      if (next == null) {
        break;
      }
      jobs.add(next);
      left = Math.min(left, next.left());
      // The network says where it starts: what that is cannot be said of one sequence among
      // several.
      if (next.isNew()) {
        break;
      }
    }
    if (jobs.isEmpty()) {
      return false;
    }
    try {
      if (jobs.getLast().isNew() && jobs.size() > 1) {
        waiting.add(jobs.removeLast());
        left = jobs.stream().mapToInt(Job::left).min().orElseThrow();
      }
      run(lane, jobs, left);
    } catch (RuntimeException | Error e) {
      jobs.forEach(job -> job.end(e));
    }
    return true;
  }

  private void run(Lane lane, List<Job> jobs, int left) {
    int batch = ceilPower(jobs.size());
    int steps = Integer.highestOneBit(Math.max(1, Math.min(left, MOST_ROWS / batch)));
    lane.frame(steps, batch).run(jobs);
    crowd.saw(jobs.size());
    counts.frames().increment();
    counts.rows().add((long) steps * jobs.size());
    List<Job> unfinished = lane.unfinished;
    unfinished.clear();
    for (int i = jobs.size() - 1; i >= 0; i--) {
      if (jobs.get(i).left() > 0) {
        unfinished.add(jobs.remove(i));
      }
    }
    for (Job job : unfinished) {
      waiting.add(job);
    }
    if (!jobs.isEmpty()) {
      finisher.accept(jobs);
      for (Job job : jobs) {
        job.end(null);
      }
    }
  }

  private static int ceilPower(int n) {
    return n == 1 ? 1 : 2 * Integer.highestOneBit(n - 1);
  }
}
