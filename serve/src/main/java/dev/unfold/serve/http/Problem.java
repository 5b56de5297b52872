package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import io.helidon.http.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Why a request was not answered as it was meant, as `application/problem+json`:
///
///     {"type": "about:blank", "title": "Bad Request", "status": 400,
///      "detail": "rows: expected I=3 numbers in each, got 2", "argument": "rows", "expected": ..., "got": "2"}
///
/// `argument`, `expected` and `got` are there if one argument is to blame.
///
/// @param status of the answer
/// @param kind which of its status it is, in a word that does not change: `busy`, `moved`, `expired`
/// @param detail one line for people
/// @param argument that is to blame, if it is one
/// @param expected what it had to be; empty without an argument
/// @param got what came; empty without an argument
/// @param retryAfter in how many seconds the same may be asked for again, if that may help
///
/// **Source**: RFC 9457
public record Problem(
    Status status,
    String kind,
    String detail,
    Optional<String> argument,
    String expected,
    String got,
    OptionalInt retryAfter) {
  private static final int LONGEST_GOT = 100;
  private static final int LONGEST_DETAIL = 500;

  /// Checks that there is all, and cuts a detail that is too long.
  public Problem {
    Expect.given("status", status);
    Expect.given("kind", kind);
    detail = cut(Expect.given("detail", detail), LONGEST_DETAIL);
    Expect.given("argument", argument);
    Expect.given("retryAfter", retryAfter);
  }

  /// One that no argument is to blame for.
  public static Problem of(Status status, String kind, String detail) {
    return new Problem(status, kind, detail, Optional.empty(), "", "", OptionalInt.empty());
  }

  /// Something did not come in time.
  static Problem tooSlow(String name, String what, Duration limit) {
    return of(
        Status.REQUEST_TIMEOUT_408,
        "too_slow",
        "%s: expected %s within %d ms, got a part".formatted(name, what, limit.toMillis()));
  }

  /// One of an argument that cannot be used.
  public static Problem of(Status status, Refusal refusal) {
    return new Problem(
        status,
        "refused",
        OptionNames.overHttp(
            refusal.getMessage().replace(refusal.got(), cut(refusal.got(), LONGEST_GOT))),
        Optional.of(cut(refusal.argument(), LONGEST_GOT)),
        OptionNames.overHttp(refusal.expected()),
        cut(refusal.got(), LONGEST_GOT),
        OptionalInt.empty());
  }

  /// What came may be as long as a body.
  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "...";
  }

  /// The same with a time after which it may be asked for again.
  public Problem retry(int seconds) {
    return new Problem(status, kind, detail, argument, expected, got, OptionalInt.of(seconds));
  }

  /// To be thrown by who answers.
  public ProblemException exception() {
    return new ProblemException(this, null);
  }

  /// The members of the answer, in their order.
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "about:blank");
    members.put("title", status.reasonPhrase());
    members.put("status", status.code());
    members.put("kind", kind);
    members.put("detail", detail);
    argument.ifPresent(name -> {
      members.put("argument", name);
      members.put("expected", expected);
      members.put("got", got);
    });
    return members;
  }
}
