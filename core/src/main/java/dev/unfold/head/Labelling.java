package dev.unfold.head;

/// The labels of a sequence, without the steps at which they are.
///
/// @param labels classes other than the blank
/// @param logProbability how likely they are, as [LabelDecoder] says
public record Labelling(int[] labels, double logProbability) {}
