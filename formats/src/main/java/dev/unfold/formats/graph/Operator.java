package dev.unfold.formats.graph;

import java.util.List;

/// What a node does.
///
/// @param leastInputs how many inputs it has at least
/// @param mostInputs how many at most
/// @param mostOutputs how many outputs at most; it has at least one
/// @param action what it does; it may give more outputs than the node wants
record Operator(int leastInputs, int mostInputs, int mostOutputs, Action action) {
  static final int MANY = Integer.MAX_VALUE;

  /// Makes outputs of inputs.
  interface Action {
    List<GraphTensor> run(Call call);
  }

  /// Makes one output of inputs.
  interface Single {
    GraphTensor run(Call call);
  }

  static Operator of(int leastInputs, int mostInputs, Single action) {
    return new Operator(leastInputs, mostInputs, 1, call -> List.of(action.run(call)));
  }
}
