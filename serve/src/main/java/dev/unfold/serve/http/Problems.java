package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.session.SessionException;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import tools.jackson.core.JacksonException;

/// What is told of what was thrown.
public final class Problems {
  /// When to ask again for a session that somebody is at, or for a place.
  private static final int SOON = 1;

  private Problems() {}

  /// What is told of it; status 500, and nothing of its message, if nobody foresaw it.
  public static Problem of(Throwable thrown) {
    return switch (thrown) {
      case ProblemException e -> e.problem();
      case SessionException e -> of(e);
      case Refusal e -> Problem.of(Status.BAD_REQUEST_400, e);
      case IllegalArgumentException e -> refused(e.getMessage());
      case WriteException e ->
          Problem.of(Status.INTERNAL_SERVER_ERROR_500, "store", e.getMessage());
      case FormatException e -> refused(e.getMessage());
      case DataException e -> refused(e.getMessage());
      case JacksonException e ->
          Problem.of(Status.BAD_REQUEST_400, new Refusal("body", "JSON", e.getOriginalMessage()));
      case HttpException e -> Problem.of(e.status(), "http", String.valueOf(e.getMessage()));
      case RequestException e ->
          Problem.of(e.status(), "http", "request: expected one that can be read");
      case OutOfMemoryError _ ->
          Problem.of(
                  Status.SERVICE_UNAVAILABLE_503,
                  "memory",
                  "memory: expected enough, got too little")
              .retry(SOON);
      default ->
          Problem.of(
              Status.INTERNAL_SERVER_ERROR_500,
              "unexpected",
              "unexpected error; the server's log has it");
    };
  }

  private static Problem refused(String message) {
    return Problem.of(
        Status.BAD_REQUEST_400, "refused", OptionNames.overHttp(String.valueOf(message)));
  }

  private static Problem of(SessionException e) {
    Status status =
        switch (e.reason()) {
          case UNKNOWN -> Status.NOT_FOUND_404;
          case ENDED -> Status.GONE_410;
          case EXISTS, BUSY, MOVED, NO_MARK, OWN_LOST -> Status.CONFLICT_409;
          case FULL -> Status.TOO_MANY_REQUESTS_429;
          case STORE -> Status.INTERNAL_SERVER_ERROR_500;
          case CLOSED -> Status.SERVICE_UNAVAILABLE_503;
        };
    String kind =
        switch (e.reason()) {
          case UNKNOWN -> "unknown";
          case ENDED -> "expired";
          case EXISTS -> "exists";
          case BUSY -> "busy";
          case MOVED -> "moved";
          case NO_MARK -> "no_mark";
          case OWN_LOST -> "own_lost";
          case FULL -> "full";
          case STORE -> "store";
          case CLOSED -> "unloaded";
        };
    String text =
        switch (e.reason()) {
          case CLOSED -> "model: expected one that is loaded, got one that is being unloaded";
          default -> e.getMessage();
        };
    Problem problem = Problem.of(status, kind, text);
    return switch (e.reason()) {
      case BUSY, FULL, CLOSED -> problem.retry(SOON);
      default -> problem;
    };
  }
}
