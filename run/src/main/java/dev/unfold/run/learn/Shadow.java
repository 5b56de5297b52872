package dev.unfold.run.learn;

import dev.unfold.gradient.Engine;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.learn.SegmentReader.Held;
import dev.unfold.run.learn.SegmentReader.Outcome;
import dev.unfold.sequence.Batch;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.Updater;
import java.util.Optional;

/// The copy that learns: it reads a segment, and says what it thinks of it, before it learns of it.
///
/// **Threads**: one caller at a time.
final class Shadow {
  /// Of what is random in an online rule.
  private static final long SEED = 1;

  private final Network network;
  private final Updater updater;
  private final SegmentReader reader;
  private long updates;
  private boolean hasGradients;

  /// @param served whose parameters it begins with
  Shadow(Network served, LearnOptions options, Team team) {
    network = copy(served);
    updater = new Updater(options.rule(), network, team);
    reader =
        options.engine().equals(LearnOptions.BPTT)
            ? SegmentReader.back(network, options.segment(), team)
            : SegmentReader.online(
                network,
                new Engine.Online(options.engine(), options.segment()).of(network, team, 1, SEED));
    updater.gradients().buffer().clear();
  }

  /// A network of the same numbers.
  static Network copy(Network network) {
    Network copy = Network.zeros(network.spec(), network.kernels());
    copy.parameters().set(network.parameters());
    return copy;
  }

  /// Where a session is before its first segment.
  Held zero() {
    return reader.zero();
  }

  /// Reads a segment with the parameters as they are.
  ///
  /// @param learns whether gradients are kept for [#learn]
  Outcome read(Batch segment, Held from, boolean learns) {
    updater.gradients().buffer().clear();
    hasGradients = learns;
    return reader.read(segment, from, learns ? Optional.of(updater.gradients()) : Optional.empty());
  }

  /// Learns of the segment that was read last.
  ///
  /// @param loss its mean
  /// @return false if loss or gradients are not finite: no parameter has changed
  boolean learn(double loss) {
    if (!hasGradients) {
      throw new IllegalStateException("learn: expected a segment that was read to be learned");
    }
    hasGradients = false;
    try {
      updater.update(new Schedule.Point(updates, 0, 0, 0), loss, 1, updates);
    } catch (ArithmeticException _) {
      return false;
    }
    updates++;
    network.parameters().changed();
    return true;
  }

  /// How often parameters were changed.
  long updates() {
    return updates;
  }

  /// A copy of what it is now.
  Network snapshot() {
    return copy(network);
  }
}
