package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.json.Fields;
import dev.unfold.serve.model.ServedModel;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Which sequence a request belongs to, by the sequence extension of Triton.
///
/// @param session the name of the session that has its state
/// @param shown the identifier, as the request has it
/// @param isStart whether it is the first request of it
/// @param isEnd whether it is the last
///
/// **Source**: Triton Inference Server, docs/protocol/extension_sequence.md
record SequenceParameters(String session, String shown, boolean isStart, boolean isEnd) {
  private static final String ID = "sequence_id";
  private static final String START = "sequence_start";
  private static final String END = "sequence_end";
  private static final BigInteger MOST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final int LONGEST = 1024;

  /// Digits of a digest that stands for a text: 160 bits, so that no two texts have the same.
  private static final int DIGITS = 40;

  /// Those of a request to a model; empty if it belongs to none, which an identifier of 0 or "" says as well.
  ///
  /// **Errors**: [Refusal] for an identifier that is none, or a start or end without one.
  static Optional<SequenceParameters> of(Fields request, String model) {
    Optional<Fields> parameters = request.maybeObject("parameters");
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    Fields own = parameters.get();
    boolean isStart = own.flag(START);
    boolean isEnd = own.flag(END);
    Optional<JsonNode> id = own.maybe(ID);
    Optional<SequenceParameters> found = id.flatMap(node -> of(own.path(ID), node, model, isStart, isEnd));
    if (found.isEmpty() && (isStart || isEnd)) {
      throw new Refusal(
          own.path(ID),
          "one that is neither 0 nor empty beside " + (isStart ? START : END),
          id.map(Fields::shown).orElse("none"));
    }
    return found;
  }

  private static Optional<SequenceParameters> of(
      String argument, JsonNode id, String model, boolean isStart, boolean isEnd) {
    String prefix = ServedModel.SEQUENCES + model;
    if (id.isString()) {
      String text = id.stringValue();
      if (text.length() > LONGEST) {
        throw new Refusal(argument, "at most %,d characters".formatted(LONGEST), text.length());
      }
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new SequenceParameters(
                  prefix + ":s:" + digest(text), Fields.shown(text), isStart, isEnd));
    }
    boolean isNumber = id.isIntegralNumber();
    BigInteger number = isNumber ? id.bigIntegerValue() : BigInteger.ONE.negate();
    if (number.signum() < 0 || number.compareTo(MOST) > 0) {
      throw new Refusal(argument, "a text, or a whole number from 0 to 2^64-1", Fields.shown(id));
    }
    return number.signum() == 0
        ? Optional.empty()
        : Optional.of(
            new SequenceParameters(prefix + ":u:" + number, number.toString(), isStart, isEnd));
  }

  /// Any text as a name.
  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
