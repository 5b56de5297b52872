package dev.unfold.run.learn;

import java.util.OptionalDouble;

/// How well a segment of a session was foreseen, before anything was learned of it.
///
/// @param steps labelled steps of it
/// @param served the sum of the losses of what is served
/// @param learning that of the copy that learns
/// @param guard that of what was served before, if that is still looked at
public record Scored(int steps, double served, double learning, OptionalDouble guard) {}
