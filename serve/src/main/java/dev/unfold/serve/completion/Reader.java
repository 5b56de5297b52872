package dev.unfold.serve.completion;

import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;

/// What reads the tokens of a text and says what comes next: a session, or a network from zeros that is forgotten
/// afterwards.
interface Reader {
  /// Reads tokens, one or more.
  ///
  /// @return net_y, whose last row is that of the last token; until the next call
  Matrix read(int... tokens);

  /// That of a session.
  static Reader of(Turn turn) {
    return tokens -> turn.step(new Inputs.Tokens(tokens, 0)).outputs();
  }

  /// A new one.
  static Reader of(ModelVersion version) {
    Stepper stepper = new Runner(version.network()).stepper(1, 1);
    int[] token = new int[1];
    Inputs input = new Inputs.Tokens(token, 0);
    return tokens -> {
      Matrix net = null;
      for (int each : tokens) {
        token[0] = each;
        net = stepper.run(input);
      }
      return net;
    };
  }
}
