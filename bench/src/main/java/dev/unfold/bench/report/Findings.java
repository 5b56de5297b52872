package dev.unfold.bench.report;

import java.util.List;

/// All of a run.
///
/// @param command how to run it again
/// @param machine what ran it
/// @param threads of each library
/// @param warmup seconds before
/// @param seconds that each library was timed at each point
/// @param points in the order they were run
/// @param summaries of each task and library
public record Findings(
    String command,
    Machine machine,
    int threads,
    double warmup,
    double seconds,
    List<Point> points,
    List<Summary> summaries) {}
