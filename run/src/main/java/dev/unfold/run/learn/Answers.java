package dev.unfold.run.learn;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.session.Answer;

/// What parts of rows were answered with, as if they were one.
///
/// **Threads**: one at a time.
final class Answers {
  private final int rows;
  private Matrix outputs;
  private Answer last;
  private int count;

  /// @param rows T of all parts
  Answers(int rows) {
    this.rows = rows;
  }

  /// Adds that to the next part.
  void add(Answer answer) {
    Matrix own = answer.outputs();
    if (outputs == null) {
      outputs = Matrix.onHeap(own.buffer().type(), rows, own.cols());
    }
    outputs.rows(count, own.rows()).copy(own);
    count += own.rows();
    last = answer;
  }

  /// That of the last part, with the outputs of all.
  Answer all() {
    return new Answer(last.version(), last.step(), outputs);
  }
}
