package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.json.Members;
import java.util.Optional;
import java.util.OptionalLong;

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
  static StepRequest parse(byte... json) {
    Optional<StepInput> input = Optional.empty();
    OptionalLong expectStep = OptionalLong.empty();
    Outputs outputs = Outputs.LAST;
    boolean hasLogits = false;
    try (Members members = Members.of(json)) {
      while (members.next()) {
        switch (members.name()) {
          case "rows" -> input = only(input, new StepInput.Rows(new NumberRows(members.table())));
          case "tokens" -> input = only(input, new StepInput.Tokens(members.wholes()));
          case "text" -> input = only(input, new StepInput.Text(members.text()));
          case "expect_step" ->
              expectStep = OptionalLong.of(members.whole(Long.MIN_VALUE, Long.MAX_VALUE));
          case "outputs" -> outputs = outputs(members.text());
          case "logits" -> hasLogits = members.flag();
          default ->
              throw new Refusal(
                  "body",
                  "rows, tokens or text, expect_step, outputs, logits",
                  "also " + members.name());
        }
      }
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
}
