package dev.unfold.run.learn;

import dev.unfold.run.session.ModelVersion;

/// What rows of sessions were read by: they are learned from by models whose states and targets are like those.
///
/// @param version that they were followed with first
/// @param kind what is right at a step of it
record Ground(ModelVersion version, LabelKind kind) {
  /// That of a version.
  ///
  /// **Errors**: [dev.unfold.argument.Refusal] if it cannot learn.
  static Ground of(ModelVersion version) {
    return new Ground(version, LabelKind.of(version.model()));
  }

  /// Whether what one reads another can learn from: whether states and targets are of the same kind.
  boolean carries(ModelVersion other) {
    return version.equals(other)
        || (other.continues(version) && kind.equals(LabelKind.of(other.model())));
  }
}
