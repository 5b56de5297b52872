package dev.unfold.run.session;

/// A version of the model with what runs its sessions.
final class Running {
  private final ModelVersion version;
  private final StateLayout layout;
  private final Slabs slabs;
  private final Batcher batcher;

  /// @param slabs those of a version whose states are alike, or new ones
  Running(ModelVersion version, StateLayout layout, Slabs slabs, Batcher batcher) {
    this.version = version;
    this.layout = layout;
    this.slabs = slabs;
    this.batcher = batcher;
  }

  ModelVersion version() {
    return version;
  }

  StateLayout layout() {
    return layout;
  }

  Slabs slabs() {
    return slabs;
  }

  Batcher batcher() {
    return batcher;
  }
}
