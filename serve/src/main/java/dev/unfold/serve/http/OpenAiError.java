package dev.unfold.serve.http;

import java.util.LinkedHashMap;
import java.util.Map;

/// A problem in the words of OpenAI.
final class OpenAiError {
  private OpenAiError() {}

  static Map<String, Object> of(Problem problem) {
    int status = problem.status().code();
    String type =
        switch (status) {
          case 401 -> "authentication_error";
          case 429 -> "rate_limit_error";
          default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", problem.detail());
    error.put("type", type);
    error.put("param", problem.argument().orElse(null));
    error.put("code", problem.kind());
    return error;
  }
}
