package dev.unfold.cli.bench;

import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.measure.load.TokenSession;
import dev.unfold.model.Network;
import dev.unfold.run.output.FailureException;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whether sessions of a server said what a network says here of the same tokens.
final class AnswerCheck {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private AnswerCheck() {}

  /// Compares the last answer of each session.
  ///
  /// @return how many were compared
  ///
  /// **Errors**: [FailureException] for the first number that is another.
  static int expectSame(Network network, List<TokenSession> sessions) {
    Runner runner = new Runner(network);
    int compared = 0;
    for (TokenSession session : sessions) {
      Optional<byte[]> answer = session.answer();
      if (answer.isPresent()) {
        int[] tokens = session.read();
        Matrix outputs = runner.run(new Inputs.Tokens(tokens, 0), network.zeroState(1)).outputs();
        double[] own = network.spec().head().prediction(outputs, tokens.length - 1);
        compare(session, own, JSON.readTree(answer.get()).path("outputs").path(0));
        compared++;
      }
    }
    return compared;
  }

  private static void compare(TokenSession session, double[] own, JsonNode said) {
    for (int k = 0; k < own.length; k++) {
      // Answers have the digits that tell a number of 32 bits from its neighbours.
      float its = Float.parseFloat(said.path(k).asString("NaN"));
      if (its != (float) own[k]) {
        throw new FailureException(
            "%s: expected %s as output %d after %d tokens, got %s"
                .formatted(session, (float) own[k], k, session.read().length, its),
            null);
      }
    }
  }
}
