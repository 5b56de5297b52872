package dev.unfold.serve.http;

import dev.unfold.serve.json.JsonBody;
import java.util.LinkedHashMap;
import java.util.Map;

/// Problems as they are sent.
final class ProblemText {
  private ProblemText() {}

  static byte[] of(Problem problem, Route.Dialect dialect) {
    Map<String, Object> members = new LinkedHashMap<>();
    switch (dialect) {
      case PROBLEM -> {
        // Has no member of its own.
      }
      case OPENAI -> members.put("error", OpenAiError.of(problem));
      case INFERENCE -> members.put("error", problem.detail());
    }
    members.putAll(problem.members());
    return JsonBody.bytes(members);
  }
}
