package dev.unfold.run.learn;

/// How well a segment of a session was foreseen, before anything was learned of it.
///
/// @param steps labelled steps of it
/// @param withoutLearning the sum of the losses of the model as it was given
/// @param served that of what is served
/// @param learning that of the copy that learns
public record Scored(int steps, double withoutLearning, double served, double learning) {}
