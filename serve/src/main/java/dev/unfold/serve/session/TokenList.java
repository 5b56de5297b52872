package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// An array of whole numbers.
final class TokenList {
  private TokenList() {}

  /// Reads one, of which the parser is at the start.
  static int[] read(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new Refusal("tokens", "an array of whole numbers", StepRequest.shown(parser));
    }
    int[] tokens = new int[1];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new Refusal("tokens", "whole numbers", StepRequest.shown(parser));
      }
      if (count == tokens.length) {
        tokens = Arrays.copyOf(tokens, 2 * count);
      }
      tokens[count++] = parser.getIntValue();
    }
    if (count == 0) {
      throw new Refusal("tokens", "one or more", "none");
    }
    return count == tokens.length ? tokens : Arrays.copyOf(tokens, count);
  }
}
