package dev.unfold.serve.completion;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.http.RandomName;
import dev.unfold.serve.json.Fields;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// What a text is asked for by: the members of OpenAI's `/v1/completions`, and two of ours, `top_k` and `session`. What
/// cannot be done is refused, unless it asks for nothing.
///
/// @param model its name; empty for the only one
/// @param prompt what the text goes on from
/// @param tokens to draw, at most
/// @param draw how each is drawn
/// @param stop texts before which it ends
/// @param isStream whether each piece is sent when it is there
/// @param hasUsage whether a stream ends with how many tokens there were
/// @param echo whether the answer begins with the prompt
/// @param session the name of a session that reads the prompt and what is drawn
///
/// **Source**: OpenAI, API reference, "Create completion"
record CompletionRequest(
    Optional<String> model,
    String prompt,
    int tokens,
    DrawOptions draw,
    List<String> stop,
    boolean isStream,
    boolean hasUsage,
    boolean echo,
    Optional<String> session) {
  private static final int USUAL_TOKENS = 16;

  /// Of an answer that is told at once, which waits in memory.
  private static final int MOST_TOKENS = 1 << 14;

  private static final int MOST_OF_STREAM = 1 << 20;
  private static final int LONGEST_NAME = 10_000;

  /// Some clients send a list with the one.
  private static final int MOST_PROMPTS = 100;

  private static final int MOST_STOPS = 4;

  /// As many characters as a stop has, at most: so much of a stream is held back.
  private static final int LONGEST_STOP = 200;

  /// **Errors**: [Refusal] of the member that cannot be used.
  static CompletionRequest of(Fields fields) {
    fields.only(
        "model",
        "prompt",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "echo",
        "session",
        "user",
        "n",
        "best_of",
        "logprobs",
        "suffix",
        "logit_bias",
        "frequency_penalty",
        "presence_penalty");
    expectNothingElse(fields);
    Optional<Fields> options =
        fields.maybeObject("stream_options").map(own -> own.only("include_usage"));
    boolean isStream = fields.flag("stream");
    if (options.isPresent() && !isStream) {
      throw new Refusal("stream_options", "them with stream alone", "them without");
    }
    return new CompletionRequest(
        fields.maybeText("model", LONGEST_NAME),
        prompt(fields),
        tokens(fields, isStream ? MOST_OF_STREAM : MOST_TOKENS),
        draw(fields),
        stop(fields),
        isStream,
        options.map(own -> own.flag("include_usage")).orElse(false),
        fields.flag("echo"),
        fields.maybeText("session", LONGEST_NAME));
  }

  private static void expectNothingElse(Fields fields) {
    for (String name : new String[] {"n", "best_of"}) {
      OptionalLong count = fields.maybeWhole(name);
      if (count.isPresent() && count.getAsLong() != 1) {
        throw new Refusal(name, "1", count.getAsLong());
      }
    }
    for (String name : new String[] {"frequency_penalty", "presence_penalty"}) {
      OptionalDouble penalty = fields.maybeNumber(name);
      if (penalty.isPresent() && penalty.getAsDouble() != 0) {
        throw new Refusal(name, "0", penalty.getAsDouble());
      }
    }
    for (String name : new String[] {"logprobs", "suffix", "logit_bias"}) {
      if (fields.has(name)) {
        throw new Refusal(name, "none, since models here do not tell it", "one");
      }
    }
  }

  private static String prompt(Fields fields) {
    List<String> prompts = fields.texts("prompt", MOST_PROMPTS, Integer.MAX_VALUE);
    if (prompts.size() > 1) {
      throw new Refusal("prompt", "one", prompts.size());
    }
    return prompts.isEmpty() ? "" : prompts.getFirst();
  }

  private static int tokens(Fields fields, int most) {
    long tokens = fields.maybeWhole("max_tokens").orElse(USUAL_TOKENS);
    if (tokens < 0 || tokens > most) {
      throw new Refusal(
          "max_tokens",
          (most == MOST_TOKENS ? "0 to %,d without stream" : "0 to %,d").formatted(most),
          tokens);
    }
    return (int) tokens;
  }

  private static DrawOptions draw(Fields fields) {
    return new DrawOptions(
        fields.maybeNumber("temperature").orElse(1),
        fields.maybeWhole("top_k").orElse(Integer.MAX_VALUE),
        fields.maybeNumber("top_p").orElse(1),
        fields.maybeWhole("seed").orElseGet(RandomName::seed));
  }

  private static List<String> stop(Fields fields) {
    List<String> stops = fields.texts("stop", MOST_STOPS, LONGEST_STOP);
    if (stops.contains("")) {
      throw new Refusal("stop", "1 to %d characters".formatted(LONGEST_STOP), 0);
    }
    return stops;
  }
}
