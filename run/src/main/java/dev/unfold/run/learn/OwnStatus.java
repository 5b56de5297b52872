package dev.unfold.run.learn;

/// What a session with weights of its own has learned.
///
/// @param base the version that it began with
/// @param updates how often its weights have changed
/// @param restarts how often it began anew, since weights or losses were no longer finite
/// @param steps labelled steps that it learned of
/// @param loss their mean loss, before it did; NaN of none
public record OwnStatus(String base, long updates, long restarts, long steps, double loss) {}
