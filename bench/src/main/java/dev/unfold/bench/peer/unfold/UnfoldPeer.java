package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.TextProblem;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.Peak;
import java.util.Optional;
import java.util.function.Function;

/// Unfold, on the best backend that runs here.
public final class UnfoldPeer implements Peer {
  private final Kernels kernels = Backends.best(Precision.FLOAT);
  private final Team team;
  private final Function<CellKind, Cell> cells;
  private final WeightFormat format;
  private final Peak peak;

  private UnfoldPeer(int threads, Function<CellKind, Cell> cells, WeightFormat format) {
    team = Team.of(threads);
    this.cells = cells;
    this.format = format;
    peak = new Peak(kernels, team);
  }

  /// With `threads` threads and the library's cells.
  public static UnfoldPeer withStandardCells(int threads) {
    return withWeights(threads, WeightFormat.FLOAT32);
  }

  /// With `threads` threads, the library's cells and weights of `format`.
  public static UnfoldPeer withWeights(int threads, WeightFormat format) {
    return new UnfoldPeer(threads, kind -> Cells.named(kind.label()), format);
  }

  /// With `threads` threads and cells as a user would write them.
  public static UnfoldPeer withOwnCells(int threads) {
    return new UnfoldPeer(threads, OwnCells::of, WeightFormat.FLOAT32);
  }

  @Override
  public String version() {
    return "Unfold, %s backend (%s)".formatted(kernels.name(), kernels.description());
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return shape.task() == Task.INFERENCE || format == WeightFormat.FLOAT32
        ? Optional.empty()
        : Optional.of("weights of 16 bits infer only");
  }

  @Override
  public PeerStep open(Problem problem) {
    Cell cell = cells.apply(problem.shape().cell());
    return problem.shape().task() == Task.TRAINING
        ? new UnfoldTraining(problem, cell, kernels, team)
        : new UnfoldInference(problem, cell, kernels, format, team);
  }

  @Override
  public PeerStep open(TextProblem problem) {
    return new UnfoldWholeTraining(problem, cells.apply(problem.shape().cell()), kernels, team);
  }

  @Override
  public double secondsPerOperation(double warmup) {
    peak.warmUp(warmup);
    return peak.secondsPerOperation();
  }
}
