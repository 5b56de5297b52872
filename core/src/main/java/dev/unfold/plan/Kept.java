package dev.unfold.plan;

import java.util.Map;
import java.util.Set;

/// Which values outlive the part that computes them.
///
/// @param graph that of the adjoint step, with copies of what has to be kept and cannot be where it is
/// @param ofForward values of the forward step that the backward direction reads, in rising order
/// @param inBackward the pointwise nodes that the backward direction computes: its own, and cheap ones of the forward
///     step once more
/// @param forAllSteps what parts outside the loop read of values that the backward direction computes at each step,
///     each with the node that holds it for all steps: itself or a copy
record Kept(
    Graph graph,
    Set<Integer> ofForward,
    Set<Integer> inBackward,
    Map<Integer, Integer> forAllSteps) {}
