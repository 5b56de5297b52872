package dev.unfold.run.label;

import java.util.List;

/// What a model says of a sequence.
///
/// @param labels one for the sequence, or one for each step
/// @param probabilities of the K classes, for each of these labels; where tags are found as a path, what the whole
///     sequence says of the step, or what the step says for itself if the path was only constrained
public record LabelPrediction(List<String> labels, List<double[]> probabilities) {
  /// Copies the lists.
  public LabelPrediction {
    labels = List.copyOf(labels);
    probabilities = List.copyOf(probabilities);
  }
}
