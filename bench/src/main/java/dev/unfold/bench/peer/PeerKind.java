package dev.unfold.bench.peer;

import dev.unfold.bench.peer.djl.DjlPeer;
import dev.unfold.bench.peer.dl4j.Dl4jPeer;
import dev.unfold.bench.peer.onednn.OneDnnPeer;
import dev.unfold.bench.peer.onnx.OnnxRuntimePeer;
import dev.unfold.bench.peer.pytorch.PyTorchPeer;
import dev.unfold.bench.peer.unfold.UnfoldPeer;
import dev.unfold.bench.problem.Agreement;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.kernels.storage.WeightFormat;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The libraries that can be compared.
public enum PeerKind {
  /// Unfold itself, which the others are compared with.
  UNFOLD {
    @Override
    public Peer open(int threads, Path folder) {
      return UnfoldPeer.withStandardCells(threads);
    }

    @Override
    public Set<Task> tasks() {
      return EnumSet.allOf(Task.class);
    }
  },
  /// Unfold with weights of 16 bits, bfloat16.
  UNFOLD_BF16 {
    @Override
    public Peer open(int threads, Path folder) {
      return UnfoldPeer.withWeights(threads, WeightFormat.BFLOAT16);
    }

    @Override
    public Set<Task> tasks() {
      return EnumSet.of(Task.INFERENCE);
    }

    @Override
    public double tolerance(Shape shape) {
      return ROUNDINGS * 0x1p-9;
    }
  },
  /// Unfold with weights of 16 bits, fixed point.
  UNFOLD_FIXED16 {
    @Override
    public Peer open(int threads, Path folder) {
      return UnfoldPeer.withWeights(threads, WeightFormat.FIXED16);
    }

    @Override
    public Set<Task> tasks() {
      return EnumSet.of(Task.INFERENCE);
    }

    @Override
    public double tolerance(Shape shape) {
      return ROUNDINGS * 0x1p-15;
    }
  },
  /// Unfold with cells that a user has written, of the same equations.
  OWN_CELL {
    @Override
    public Peer open(int threads, Path folder) {
      return UnfoldPeer.withOwnCells(threads);
    }
  },
  /// oneDNN.
  ONEDNN {
    @Override
    public Peer open(int threads, Path folder) {
      return new OneDnnPeer(folder);
    }
  },
  /// PyTorch through JavaCPP: the newest, with OpenBLAS.
  PYTORCH {
    @Override
    public Peer open(int threads, Path folder) {
      return new PyTorchPeer(threads);
    }

    @Override
    public Set<Task> tasks() {
      return EnumSet.of(Task.TRAINING, Task.WHOLE_TRAINING);
    }

    // Elman networks, GRUs and a readout alternate between OpenBLAS, which has threads of its own,
    // and
    // OpenMP, whose threads would spin in their way: a step would take up to a hundred times
    // longer.
    // An LSTM alone runs in oneDNN, all on OpenMP.
    @Override
    public Map<String, String> environment(Shape shape, Path folder) {
      return shape.cell() == CellKind.LSTM && shape.task() == Task.TRAINING ? Map.of() : PASSIVE;
    }
  },
  /// PyTorch through DJL: older, with MKL.
  DJL {
    @Override
    public Peer open(int threads, Path folder) {
      return new DjlPeer(threads);
    }

    @Override
    public Map<String, String> environment(Shape shape, Path folder) {
      return Map.of("DJL_CACHE_DIR", folder.toString());
    }
  },
  /// Deeplearning4j.
  DL4J {
    @Override
    public Peer open(int threads, Path folder) {
      return new Dl4jPeer();
    }

    // As for PyTorch with OpenBLAS; a step takes ten times longer otherwise.
    @Override
    public Map<String, String> environment(Shape shape, Path folder) {
      return PASSIVE;
    }

    // The backward pass of its SimpleRnn computes the forward pass again, from zero, whatever the
    // state is.
    @Override
    public Start start(CellKind cell) {
      return cell == CellKind.ELMAN ? Start.ZERO : Start.RANDOM;
    }
  },
  /// ONNX Runtime.
  ONNXRUNTIME {
    @Override
    public Peer open(int threads, Path folder) {
      return new OnnxRuntimePeer(threads);
    }

    @Override
    public Set<Task> tasks() {
      return EnumSet.of(Task.INFERENCE);
    }
  };

  private static final Map<String, String> PASSIVE = Map.of("OMP_WAIT_POLICY", "passive");

  /// How many roundings of a weight of size 1 an output may be off by. Each of the 2H weights of a sum, which are of
  /// size 1 / sqrt(H) at most, is rounded by itself, up or down, and multiplied with a number of size 1 at most: the
  /// sum is off by about one such rounding. The state hands that on for some steps, and the worst of thousands of
  /// outputs is some times further off than they are on average.
  private static final double ROUNDINGS = 16;

  /// Loads the library.
  ///
  /// @param threads how many threads it may compute with; those that take this from the environment find it
  ///     there
  /// @param folder where it may put files
  public abstract Peer open(int threads, Path folder);

  /// What it is compared at.
  public Set<Task> tasks() {
    return EnumSet.of(Task.TRAINING);
  }

  /// How far its results may be from Unfold's, as a share of the largest number.
  public double tolerance(Shape shape) {
    return Agreement.tolerance(shape);
  }

  /// What it can start from.
  public Start start(CellKind cell) {
    return Start.RANDOM;
  }

  /// What its process finds in the environment, beside the number of threads: what is best for this library.
  public Map<String, String> environment(Shape shape, Path folder) {
    return Map.of();
  }

  /// What is compared with Unfold unless somebody chooses: the other libraries, and weights of 16 bits.
  public static List<PeerKind> usual() {
    return Stream.of(values()).filter(peer -> peer != UNFOLD && peer != OWN_CELL).toList();
  }

  /// As users write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
