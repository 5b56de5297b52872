package dev.unfold.serve.http;

import io.helidon.http.Method;

/// A method of a path, and who answers it.
///
/// @param method GET, POST and so on
/// @param path with the names of its variables, `/v1/sessions/{id}`
/// @param isOpen whether it is answered without a key, and however much there is to do
/// @param dialect how its problems are told
/// @param answerer answers; what it throws is told as a problem
public record Route(
    Method method, String path, boolean isOpen, Dialect dialect, Answerer answerer) {
  /// How problems are told.
  public enum Dialect {
    /// As `application/problem+json`.
    PROBLEM,
    /// As OpenAI's clients expect it: `{"error": {"message": ..., "type": ..., "param": ..., "code": ...}}`, with the
    /// members of a problem beside `error`.
    OPENAI,
    /// As the Open Inference Protocol has it: `{"error": "..."}`, with the members of a problem beside it.
    INFERENCE
  }
}
