package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.serve.http.JsonBody;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// What was right at rows that a session has read:
///
///     {"step": 12, "rows": [[0.5], [0.7], ...]}   of values, sets and the like: N numbers for each
///     {"step": 12, "classes": [3, 0, ...]}        of classes
///
/// @param step that of the first: 0 for the first row of the session
record TargetRows(long step, Targets targets) {
  /// **Errors**: [Refusal] for what is no such request.
  static TargetRows parse(ElementType type, byte... json) {
    try (JsonParser parser = JsonBody.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Refusal("body", "a JSON object", "another value");
      }
      OptionalLong step = OptionalLong.empty();
      Targets targets = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "step" -> step = OptionalLong.of(whole(parser));
          case "classes" -> targets = new Targets.Classes(TokenList.read(parser), 0);
          case "rows" -> targets = new Targets.Values(NumberRows.read(parser).matrix(type));
          default -> throw new Refusal("body", "step, and rows or classes", "also " + name);
        }
      }
      if (step.isEmpty() || targets == null) {
        throw new Refusal("body", "step, and rows or classes", "less");
      }
      return new TargetRows(step.getAsLong(), targets);
    }
  }

  private static long whole(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getLongValue() < 0) {
      throw new Refusal("step", "a whole number from 0 on", StepRequest.shown(parser));
    }
    return parser.getLongValue();
  }
}
