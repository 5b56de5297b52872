package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.Sizes;
import java.util.List;

/// One step of a cell at given sizes, as products and pointwise operations: h(t) from x(t) and h(t-1). Immutable.
///
/// To walk it, go through the nodes of the graph from the first to the last: each reads only those before it. A
/// [Node.Product] also reads the operand and the matrix of its [Group]. Random numbers ([Node.Noise]) are those of
/// [dev.unfold.cell.NoisyCell#masks] of the cell.
///
/// @param cell the cell
/// @param sizes what the letters of its sizes stand for
/// @param parameters names and shapes, in PyTorch's order
/// @param graph the values
/// @param groups the matrices, one for each operand of affine maps
/// @param states the states, in the order of the cell
/// @param output the node that the cell gives to the layer above; it may be a state's next value
/// @param activations the bounded functions and relus among the nodes
public record ForwardStep(
    Cell cell,
    Sizes sizes,
    List<ParameterShape> parameters,
    Graph graph,
    List<Group> groups,
    List<State> states,
    int output,
    List<Activation> activations) {

  /// A state.
  ///
  /// @param name its name
  /// @param width how many numbers
  /// @param next the node of its value after the step
  public record State(String name, int width, int next) {}

  /// A node with a range of its own, such as a gate.
  ///
  /// @param name what the equations call it: `f`, or `tanh(c)`
  /// @param node an operation SIGMOID, TANH or RELU
  public record Activation(String name, int node) {}

  /// Copies the lists.
  public ForwardStep {
    parameters = List.copyOf(parameters);
    groups = List.copyOf(groups);
    states = List.copyOf(states);
    activations = List.copyOf(activations);
  }

  /// Whether each state after the step is a linear function of the states before it, whatever the input: so a prefix
  /// scan gives all steps at once.
  public boolean isLinear() {
    return Linearity.of(this);
  }

  /// Whether `node` is the operand of a product.
  boolean isOperand(int node) {
    return groups.stream().anyMatch(group -> group.operand() == node);
  }

  /// Whether `node` is needed after its step, whatever the backward direction reads: as a result, or by the gradient of
  /// a matrix.
  boolean isNeededAnyway(int node) {
    return node == output
        || states.stream().anyMatch(state -> state.next() == node)
        || isOperand(node);
  }
}
