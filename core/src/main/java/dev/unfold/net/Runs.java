package dev.unfold.net;

import dev.unfold.kernels.Team;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

/// The memory for runs of a network, used again by the next run of as many steps and sequences.
final class Runs {
  /// Sizes that are remembered; with more of them, all are forgotten.
  private static final int SIZES = 8;

  private static final int IDLE = 2 * Runtime.getRuntime().availableProcessors();

  private record Size(int steps, int batch) {}

  private final Network network;
  private final Map<Size, Queue<UnrolledNetwork>> idle = new ConcurrentHashMap<>();

  Runs(Network network) {
    this.network = network;
  }

  Outcome run(Inputs inputs, State state, int steps, int batch) {
    if (idle.size() > SIZES) {
      idle.clear();
    }
    Queue<UnrolledNetwork> free =
        idle.computeIfAbsent(new Size(steps, batch), size -> new ArrayBlockingQueue<>(IDLE));
    UnrolledNetwork kept = free.poll();
    UnrolledNetwork unrolled = kept == null ? network.unroll(Team.of(1), steps, batch) : kept;
    Outcome outcome = unrolled.run(inputs, state);
    // Not after an error; and more than there is room for are dropped.
    free.offer(unrolled);
    return outcome;
  }
}
