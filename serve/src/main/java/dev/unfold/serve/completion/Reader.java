package dev.unfold.serve.completion;

import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.model.Lessons;

/// What reads the tokens of a text and says what comes next: a session, or a network from zeros that is forgotten
/// afterwards.
interface Reader {
  /// Reads tokens, one or more.
  ///
  /// @return net_y, whose last row is that of the last token; until the next call
  Matrix read(int... tokens);

  /// Reads a token that was drawn, of which nobody learns.
  Matrix readDrawn(int token);

  /// That of a session.
  static Reader of(Lessons lessons, String session, Turn turn) {
    return new Reader() {
      @Override
      public Matrix read(int... tokens) {
        return lessons.read(session, turn, new Inputs.Tokens(tokens, 0)).outputs();
      }

      @Override
      public Matrix readDrawn(int token) {
        return lessons.wrote(session, turn, new Inputs.Tokens(new int[] {token}, 0)).outputs();
      }
    };
  }

  /// A new one.
  ///
  /// @param each is done before each token of the prompt is read; what it throws ends it
  static Reader of(ModelVersion version, Runnable each) {
    Stepper stepper = new Runner(version.network()).stepper(1, 1);
    int[] token = new int[1];
    Inputs input = new Inputs.Tokens(token, 0);
    return new Reader() {
      @Override
      public Matrix read(int... tokens) {
        Matrix net = null;
        for (int own : tokens) {
          each.run();
          net = readDrawn(own);
        }
        return net;
      }

      @Override
      public Matrix readDrawn(int drawn) {
        token[0] = drawn;
        return stepper.run(input);
      }
    };
  }
}
