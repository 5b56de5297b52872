package dev.unfold.train;

/// How a training run ended.
///
/// @param progress how far it got, in the time of the whole run
/// @param epochs epochs begun
/// @param tokensPerSecond training tokens a second, validation not counted
/// @param stopped whether [Trainer#stop] ended it; not so if budget or patience did
public record TrainingResult(
    Progress progress, int epochs, double tokensPerSecond, boolean stopped) {
  /// The best validation, whose parameters the network has; null if the run was stopped before its first update, and
  /// so was not validated.
  public Evaluation validation() {
    return progress.best().orElse(null);
  }

  /// The update after which that was.
  public long bestUpdate() {
    return progress.bestUpdate();
  }

  /// The epoch of that.
  public int bestEpoch() {
    return progress.bestEpoch();
  }

  /// All updates.
  public long updates() {
    return progress.updates();
  }

  /// Wall-clock time of the whole run.
  public double seconds() {
    return progress.seconds();
  }
}
