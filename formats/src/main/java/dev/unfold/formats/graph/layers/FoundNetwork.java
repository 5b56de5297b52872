package dev.unfold.formats.graph.layers;

import dev.unfold.argument.Expect;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.model.Network;
import java.util.List;
import java.util.Optional;

/// What a graph was found to be.
///
/// @param network empty if it is more than layers, or others than those known here
/// @param conventions what was found, or why there is no network, a line each
/// @param comparison of the network with the graph; empty if there is no network
public record FoundNetwork(
    Optional<NetworkModel> network, List<String> conventions, Optional<Comparison> comparison) {
  /// Numbers of the graph, and those of a network in their place.
  ///
  /// @param place `l0` for the output of the first layer, else the name of an output
  /// @param perStep how many numbers a step has; empty if there are no steps
  public record Measured(
      String place, double[] graph, double[] network, Optional<Integer> perStep) {}

  /// Runs the graph, operator by operator, and a network in its place.
  @FunctionalInterface
  public interface Comparison {
    /// What both give for the same random sequences of about `steps` steps, fewer if there are many parameters.
    List<Measured> of(Network network, int steps);
  }

  /// Checks that they are given, and copies the list.
  public FoundNetwork {
    Expect.given("network", network);
    conventions = List.copyOf(conventions);
    Expect.given("comparison", comparison);
  }
}
