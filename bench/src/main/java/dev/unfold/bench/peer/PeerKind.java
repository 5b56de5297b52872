package dev.unfold.bench.peer;

import dev.unfold.bench.peer.onednn.OneDnnPeer;
import dev.unfold.bench.peer.pytorch.PyTorchPeer;
import dev.unfold.bench.peer.unfold.UnfoldPeer;
import java.nio.file.Path;
import java.util.Locale;

/// The libraries that can be compared.
public enum PeerKind {
  /// Unfold itself, which the others are compared with.
  UNFOLD {
    @Override
    public Peer open(int threads, Path folder) {
      return new UnfoldPeer(threads);
    }
  },
  /// oneDNN.
  ONEDNN {
    @Override
    public Peer open(int threads, Path folder) {
      return new OneDnnPeer(folder);
    }
  },
  /// PyTorch.
  PYTORCH {
    @Override
    public Peer open(int threads, Path folder) {
      return new PyTorchPeer(threads);
    }
  };

  /// Loads the library.
  ///
  /// @param threads how many threads it may compute with; those that take this from the environment find it
  ///     there
  /// @param folder where it may put files
  public abstract Peer open(int threads, Path folder);

  /// As users write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
