package dev.unfold.serve.completion;

import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.JsonWriter;
import dev.unfold.serve.http.RandomName;
import java.util.Optional;

/// What is answered, whole or piece by piece, as OpenAI's clients read it; beside that the seed, the version of the
/// model as `system_fingerprint`, and the session.
///
/// @param id its name
/// @param created when, in seconds
/// @param version of the model
/// @param seed what was drawn by
/// @param session that has read it
record CompletionAnswer(
    String id, long created, ModelVersion version, long seed, Optional<String> session) {
  private static final int USUAL = 320;

  static CompletionAnswer of(CompletionRequest request, ModelVersion version, long created) {
    return new CompletionAnswer(
        "cmpl-" + RandomName.draw(), created, version, request.draw().seed(), request.session());
  }

  private JsonWriter begin(int size) {
    JsonWriter json = new JsonWriter(size);
    json.object().name("id").plain(id);
    json.name("object").plain("text_completion").name("created").number(created);
    json.name("model").plain(version.name());
    json.name("system_fingerprint").plain(version.version());
    json.name("seed").number(seed);
    session.ifPresent(name -> json.name("session").plain(name));
    json.name("choices").array();
    return json;
  }

  private static void choice(JsonWriter json, String text, String reason) {
    json.object().name("text").text(text).name("index").number(0L).name("logprobs").nothing();
    json.name("finish_reason");
    if (reason == null) {
      json.nothing();
    } else {
      json.plain(reason);
    }
    json.endObject();
  }

  private static void usage(JsonWriter json, Completion completion) {
    json.name("usage").object();
    json.name("prompt_tokens").number((long) completion.promptTokens());
    json.name("completion_tokens").number((long) completion.drawnTokens());
    json.name("total_tokens").number((long) completion.promptTokens() + completion.drawnTokens());
    json.endObject();
  }

  /// All at once.
  JsonWriter whole(String text, Completion completion) {
    JsonWriter json = begin(USUAL + text.length());
    choice(json, text, completion.reason());
    usage(json.endArray(), completion);
    return json.endObject();
  }

  /// A piece of a stream.
  JsonWriter piece(String text) {
    JsonWriter json = begin(USUAL);
    choice(json, text, null);
    return json.endArray().endObject();
  }

  /// The last piece of a stream.
  JsonWriter last(Completion completion) {
    JsonWriter json = begin(USUAL);
    choice(json, "", completion.reason());
    return json.endArray().endObject();
  }

  /// What follows the last piece for who asked for it.
  JsonWriter usage(Completion completion) {
    JsonWriter json = begin(USUAL).endArray();
    usage(json, completion);
    return json.endObject();
  }
}
