package dev.unfold.run.session;

/// How a store of sessions is, and what it has done since it was made.
///
/// @param open sessions that there are
/// @param resident those whose state is in memory
/// @param stateBytes of memory for states
/// @param fileBytes of files
/// @param evicted states that left memory for the files
/// @param restored states that came back
/// @param ended sessions that nobody used for too long
/// @param rows that were read, those beside others counted each
/// @param frames in which they were run: rows a frame is how many were run side by side
public record SessionStatistics(
    int open,
    int resident,
    long stateBytes,
    long fileBytes,
    long evicted,
    long restored,
    long ended,
    long rows,
    long frames) {}
