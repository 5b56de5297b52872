package dev.unfold.run.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Makes what runs versions of a model. Those whose states are alike share their slots: whatever version runs a
/// session, its state is where it was.
///
/// **Threads**: any number.
final class Runnings {
  private final SessionOptions options;
  private final Counts counts;
  private final Consumer<List<Job>> finisher;

  /// One of each shape of states that there was.
  private final List<Shape> shapes = new ArrayList<>();

  /// States that are alike, and where they are.
  private record Shape(StateLayout layout, Slabs slabs) {}

  /// @param counts what is run
  /// @param finisher what is done with jobs whose rows have all been run
  Runnings(SessionOptions options, Counts counts, Consumer<List<Job>> finisher) {
    this.options = options;
    this.counts = counts;
    this.finisher = finisher;
  }

  /// For many sessions: as many frames at once as there are processors.
  ///
  /// **Errors**: [IllegalArgumentException] if the version cannot run step by step.
  Running ofMany(ModelVersion version) {
    return running(version, Runtime.getRuntime().availableProcessors());
  }

  /// For a single session.
  ///
  /// **Errors**: the same.
  Running ofOne(ModelVersion version) {
    return running(version, 1);
  }

  private synchronized Running running(ModelVersion version, int lanes) {
    StateLayout layout = new StateLayout(version.network());
    Batcher batcher =
        new Batcher(version.network(), layout, options.batch(), lanes, counts, finisher);
    Shape shape =
        shapes.stream()
            .filter(each -> each.layout().isAlike(layout))
            .findFirst()
            .orElseGet(() -> added(new Shape(layout, new Slabs(layout.bytes()))));
    return new Running(version, layout, shape.slabs(), batcher);
  }

  private Shape added(Shape shape) {
    shapes.add(shape);
    return shape;
  }
}
