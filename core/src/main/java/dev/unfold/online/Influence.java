package dev.unfold.online;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import java.util.List;

/// What a rule keeps of how the parameters have moved the states: J(t), whole or in part, for each sequence.
///
/// **Threads**: one caller.
interface Influence {
  /// Adds to `gradients` what the error of the step that the network has just run back through owes to the steps
  /// before it, and takes the step into account.
  ///
  /// @param present for each sequence whether it has the step; null if all have
  void step(Parameters gradients, boolean[] present);

  /// Whether what the layers' parameters owe to the error within the step is added by who runs the network back; else
  /// [#step] gives all of their gradients.
  default boolean isOfStepsBefore() {
    return true;
  }

  /// Lets sequence b start anew: nothing has moved its state.
  void reset(int b);

  /// Writes what is kept of J of sequence b to `to`, of which row i is state i and column p parameter p of the layers
  /// that this is about; what is not kept is left as it is.
  void copyTo(int b, Matrix to);

  /// All numbers that are kept of J, as windows of their memory: what is written there counts from then on.
  List<Matrix> numbers();

  /// Lets the next step be number `step`, counted from 0: random signs, and what is done now and then, depend on it.
  void goOn(long step);

  /// The parameters that this is about.
  Columns columns();

  /// How many states that is.
  int states();

  /// The sum of the squares of all numbers of sequence b.
  double sumOfSquares(int b);

  /// Multiplies all numbers of sequence b.
  void scale(int b, double factor);

  /// Bytes of memory.
  long bytes();
}
