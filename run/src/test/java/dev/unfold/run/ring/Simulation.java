package dev.unfold.run.ring;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// A sum of many workers in a time that is only counted: each of them is a [SumCall] as it runs, the links between them
/// carry a frame after the other at a rate, and each arrives a delay later.
final class Simulation {
  private final double rate;
  private final double delay;
  private final List<SumCall> calls = new ArrayList<>();
  private final double[] free;

  /// Of all of them.
  private Addends addends;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingDouble(Event::time).thenComparingLong(Event::number));
  private final long[] carried;
  private long number;

  /// Something that happens to a worker: a frame has come, or, without one, its link is free.
  private record Event(double time, long number, int worker, Arrived frame, Found found) {}

  /// All workers have found the numbers at `from` and after.
  record Found(double seconds, long from) {}

  private record Arrived(int kind, int index, int length, byte[] tail) {}

  private Simulation(
      int workers, Parameters numbers, double rate, double delay, List<Found> found) {
    this.rate = rate;
    this.delay = delay;
    free = new double[workers];
    carried = new long[workers];
    List<InetSocketAddress> all = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      all.add(InetSocketAddress.createUnresolved("worker", 1 + rank));
    }
    for (int rank = 0; rank < workers; rank++) {
      SumCall call = new SumCall(new Peers(rank, all));
      // What is added up does not matter here, so that it may be one for all.
      addends = new Addends(numbers, List.of(), Addends.chunkOf(workers));
      call.begin(0, addends);
      calls.add(call);
      for (Found each : found) {
        events.add(new Event(each.seconds(), number++, rank, null, each));
      }
    }
  }

  /// Numbers of about so many bytes.
  static Parameters numbers(int hidden) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), 7, 5, hidden);
    return Network.zeros(spec, Backends.best(Precision.FLOAT)).parameters().zeros();
  }

  /// What it takes.
  ///
  /// @param seconds until all are done
  /// @param mostCarried the bytes that the busiest link carried
  record Outcome(double seconds, long mostCarried) {}

  /// @param rate bytes a second of each link
  /// @param delay of each link, in seconds
  static Outcome of(int workers, Parameters numbers, double rate, double delay) {
    return of(workers, numbers, rate, delay, List.of(new Found(0, 0)));
  }

  /// @param found one after another, at last all
  static Outcome of(int workers, Parameters numbers, double rate, double delay, List<Found> found) {
    return new Simulation(workers, numbers, rate, delay, found).run();
  }

  private Outcome run() {
    double now = 0;
    while (!events.isEmpty()) {
      Event event = events.poll();
      now = event.time();
      SumCall call = calls.get(event.worker());
      if (event.frame() != null) {
        arrive(call, event.frame());
      }
      if (event.found() != null) {
        find(call, event.found().from());
      }
      send(event.worker(), call, now);
    }
    for (SumCall call : calls) {
      if (call.isExpecting() || !call.hasSentAll() || call.loss() != calls.size()) {
        throw new AssertionError("a worker has not ended");
      }
    }
    long most = 0;
    for (long bytes : carried) {
      most = Math.max(most, bytes);
    }
    return new Outcome(now, most);
  }

  private void find(SumCall call, long from) {
    if (from == 0) {
      call.finish(false, 1);
    } else {
      call.ready(addends.chunksFrom(from));
    }
  }

  private static void arrive(SumCall call, Arrived frame) {
    ByteBuffer to = call.accept(frame.kind(), frame.index(), frame.length());
    if (frame.tail() != null) {
      to.put(frame.tail());
    }
    call.received();
  }

  private void send(int worker, SumCall call, double now) {
    call.advance();
    if (free[worker] > now || !call.hasNext()) {
      return;
    }
    Frame frame = new Frame();
    ByteBuffer payload = call.take(frame, 1);
    byte[] tail = null;
    if (frame.length() == SumCall.TAIL) {
      tail = new byte[payload.remaining()];
      payload.get(tail);
    }
    long bytes = Frame.BYTES + (long) frame.length();
    carried[worker] += bytes;
    free[worker] = now + bytes / rate;
    int next = (worker + 1) % calls.size();
    add(free[worker] + delay, next, new Arrived(frame.kind(), frame.index(), frame.length(), tail));
    add(free[worker], worker, null);
  }

  private void add(double time, int worker, Arrived frame) {
    events.add(new Event(time, number++, worker, frame, null));
  }
}
