package dev.unfold.cli.bench;

import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.measure.load.TokenSession;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.output.FailureException;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whether sessions of a server said what a network says here of the same tokens.
final class AnswerCheck {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Tokens at a time: a session of hours has read millions.
  private static final int PIECE = 4096;

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
        compare(
            session,
            last(runner, network, tokens),
            JSON.readTree(answer.get()).path("outputs").path(0));
        compared++;
      }
    }
    return compared;
  }

  /// What a network says after the last of these tokens.
  private static double[] last(Runner runner, Network network, int... tokens) {
    State state = network.zeroState(1);
    double[] said = {};
    for (int from = 0; from < tokens.length; from += PIECE) {
      int[] piece = Arrays.copyOfRange(tokens, from, Math.min(from + PIECE, tokens.length));
      Outcome outcome = runner.run(new Inputs.Tokens(piece, 0), state);
      said = network.spec().head().prediction(outcome.outputs(), piece.length - 1);
      state = outcome.state();
    }
    return said;
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
