package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.http.JsonBody;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// What a session is to read, as it is asked for:
///
///     {"rows": [[0.1, 0.2], ...]  |  "tokens": [5, 7, ...]  |  "text": "to be",
///      "expect_step": 12, "outputs": "last" | "all" | "none", "logits": false}
///
/// Read token by token: it is most of what a server parses.
///
/// @param input what is to be read
/// @param expectStep where the session has to be
/// @param outputs of which rows the outputs are told
/// @param hasLogits whether what the readout computes is told, too
record StepRequest(StepInput input, OptionalLong expectStep, Outputs outputs, boolean hasLogits) {
  /// Of which rows outputs are told.
  enum Outputs {
    LAST,
    ALL,
    NONE
  }

  /// **Errors**: [Refusal] for what is no such request.
  static StepRequest parse(byte[] json) {
    try (JsonParser parser = JsonBody.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Refusal("body", "a JSON object", shown(parser));
      }
      return read(parser);
    }
  }

  private static StepRequest read(JsonParser parser) {
    Optional<StepInput> input = Optional.empty();
    OptionalLong expectStep = OptionalLong.empty();
    Outputs outputs = Outputs.LAST;
    boolean hasLogits = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "rows" -> input = only(input, new StepInput.Rows(NumberRows.read(parser)));
        case "tokens" -> input = only(input, new StepInput.Tokens(TokenList.read(parser)));
        case "text" -> input = only(input, new StepInput.Text(text("text", parser)));
        case "expect_step" -> expectStep = OptionalLong.of(step(parser));
        case "outputs" -> outputs = outputs(text("outputs", parser));
        case "logits" -> hasLogits = yes(parser);
        default ->
            throw new Refusal(
                "body", "rows, tokens or text, expect_step, outputs, logits", "also " + name);
      }
    }
    if (parser.nextToken() != null) {
      throw new Refusal("body", "one JSON object", "more behind it");
    }
    StepInput given =
        input.orElseThrow(() -> new Refusal("body", "rows, tokens or text", "none of them"));
    return new StepRequest(given, expectStep, outputs, hasLogits);
  }

  private static Optional<StepInput> only(Optional<StepInput> before, StepInput input) {
    if (before.isPresent()) {
      throw new Refusal("body", "one of rows, tokens and text", "two");
    }
    return Optional.of(input);
  }

  private static Outputs outputs(String text) {
    return switch (text) {
      case "last" -> Outputs.LAST;
      case "all" -> Outputs.ALL;
      case "none" -> Outputs.NONE;
      default -> throw new Refusal("outputs", "last, all or none", text);
    };
  }

  private static long step(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new Refusal("expect_step", "a whole number", shown(parser));
    }
    return parser.getLongValue();
  }

  private static boolean yes(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw new Refusal("logits", "true or false", shown(parser));
    };
  }

  private static String text(String argument, JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Refusal(argument, "a text", shown(parser));
    }
    return parser.getString();
  }

  /// What came, as far as it is fit for a message.
  static String shown(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case null -> "nothing";
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case END_ARRAY, END_OBJECT -> "its end";
      case VALUE_NULL -> "null";
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getString();
      default -> "a text";
    };
  }
}
