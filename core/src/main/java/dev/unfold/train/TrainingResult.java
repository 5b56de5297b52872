package dev.unfold.train;

/// How a training run ended.
///
/// @param validation the best validation, whose parameters the network has; null if the run was stopped before its first
///     update, and so was not validated
/// @param bestUpdate the update after which that was
/// @param bestEpoch the epoch of that
/// @param updates all updates
/// @param epochs epochs begun
/// @param tokensPerSecond training tokens a second, validation not counted
/// @param seconds wall-clock time of the whole run
/// @param stopped whether it was stopped before its budget was used up
public record TrainingResult(
    Evaluation validation,
    long bestUpdate,
    int bestEpoch,
    long updates,
    int epochs,
    double tokensPerSecond,
    double seconds,
    boolean stopped) {}
