package dev.unfold.bench.peer;

import dev.unfold.bench.peer.djl.DjlPeer;
import dev.unfold.bench.peer.dl4j.Dl4jPeer;
import dev.unfold.bench.peer.onednn.OneDnnPeer;
import dev.unfold.bench.peer.onnx.OnnxRuntimePeer;
import dev.unfold.bench.peer.pytorch.PyTorchPeer;
import dev.unfold.bench.peer.unfold.UnfoldPeer;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The libraries that can be compared.
public enum PeerKind {
  /// Unfold itself, which the others are compared with.
  UNFOLD {
    @Override
    public Peer open(int threads, Path folder) {
      return UnfoldPeer.withStandardCells(threads);
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

    // Elman networks and GRUs alternate between OpenBLAS, which has threads of its own, and OpenMP,
    // whose threads would spin in their way: a step would take a hundred times longer. An LSTM runs
    // in oneDNN, all on OpenMP.
    @Override
    public Map<String, String> environment(CellKind cell, Path folder) {
      return cell == CellKind.LSTM ? Map.of() : PASSIVE;
    }
  },
  /// PyTorch through DJL: older, with MKL.
  DJL {
    @Override
    public Peer open(int threads, Path folder) {
      return new DjlPeer(threads);
    }

    @Override
    public Map<String, String> environment(CellKind cell, Path folder) {
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
    public Map<String, String> environment(CellKind cell, Path folder) {
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
    public Task task() {
      return Task.INFERENCE;
    }
  };

  private static final Map<String, String> PASSIVE = Map.of("OMP_WAIT_POLICY", "passive");

  /// Loads the library.
  ///
  /// @param threads how many threads it may compute with; those that take this from the environment find it
  ///     there
  /// @param folder where it may put files
  public abstract Peer open(int threads, Path folder);

  /// What it is compared at.
  public Task task() {
    return Task.TRAINING;
  }

  /// What it can start from.
  public Start start(CellKind cell) {
    return Start.RANDOM;
  }

  /// What its process finds in the environment, beside the number of threads: what is best for this library.
  public Map<String, String> environment(CellKind cell, Path folder) {
    return Map.of();
  }

  /// The other libraries.
  public static List<PeerKind> libraries() {
    return Stream.of(values()).filter(peer -> peer != UNFOLD && peer != OWN_CELL).toList();
  }

  /// As users write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
