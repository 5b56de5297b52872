package dev.unfold.serve.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import tools.jackson.databind.json.JsonMapper;

/// Answers what is no HTTP that can be read, before any route sees it. What the server's parser throws is the doing of
/// who sent it: routes tell of their own failures by themselves.
final class Unreadable implements DirectHandler {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Limits limits;

  private Unreadable(Limits limits) {
    this.limits = limits;
  }

  /// For all that can happen there.
  static DirectHandlers handlers(Limits limits) {
    DirectHandlers.Builder all = DirectHandlers.builder();
    Unreadable handler = new Unreadable(limits);
    for (EventType type : EventType.values()) {
      all.addHandler(type, handler);
    }
    return all.build();
  }

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    boolean isParser = type == EventType.INTERNAL_ERROR || status.code() >= 500;
    Status own =
        isParser && type != EventType.HTTP_VERSION_NOT_SUPPORTED ? Status.BAD_REQUEST_400 : status;
    Problem problem =
        own.code() == Status.REQUEST_ENTITY_TOO_LARGE_413_CODE
            ? Body.tooLong(limits.body())
            : Problem.of(own, "http", "request: expected HTTP/1.1 that can be read");
    return TransportResponse.builder()
        .status(own)
        .headers(headers)
        .header(HeaderNames.CONTENT_TYPE, "application/problem+json")
        .keepAlive(false)
        .entity(JSON.writeValueAsBytes(problem.members()))
        .build();
  }
}
