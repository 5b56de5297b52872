package dev.unfold.serve.watch;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.http.Answered;
import dev.unfold.serve.http.Observer;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.json.JsonBody;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Writes a line of JSON for each request, or only for those that failed by the server's fault. `traceparent` is
/// written as it came, if it is one.
///
/// **Threads**: any number.
///
/// **Source**: W3C, Trace Context
public final class RequestLog implements Observer, AutoCloseable {
  private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");
  private static final Pattern TRACE =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
  private static final double MILLISECOND = 1e6;

  private final PrintWriter out;
  private final boolean isOfAll;
  private final boolean isOwn;
  private final InstantSource clock;

  private RequestLog(PrintWriter out, boolean isOfAll, boolean isOwn, InstantSource clock) {
    this.out = out;
    this.isOfAll = isOfAll;
    this.isOwn = isOwn;
    this.clock = clock;
  }

  /// Of failures alone.
  public static RequestLog ofFailures(PrintWriter out, InstantSource clock) {
    return new RequestLog(out, false, false, clock);
  }

  /// Of all requests.
  public static RequestLog ofAll(PrintWriter out, InstantSource clock) {
    return new RequestLog(out, true, false, clock);
  }

  /// Of all requests, at the end of a file.
  ///
  /// **Errors**: [Refusal] if it cannot be written.
  public static RequestLog ofAll(Path file, InstantSource clock) {
    try {
      PrintWriter out =
          new PrintWriter(
              Files.newBufferedWriter(
                  file,
                  StandardCharsets.UTF_8,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.APPEND));
      return new RequestLog(out, true, true, clock);
    } catch (IOException e) {
      throw new Refusal("log", "a file that can be written", file, e);
    }
  }

  @Override
  public void over(
      Route route,
      Answered answered,
      long nanos,
      Optional<Problem> problem,
      Optional<Throwable> thrown) {
    boolean isFailure = problem.isPresent() && thrown.isPresent();
    if (!isOfAll && !isFailure) {
      return;
    }
    Map<String, Object> line =
        JsonBody.members(
            "time", clock.instant().toString(),
            "method", answered.method(),
            "route", route.path(),
            "status", answered.sentStatus(),
            "ms", nanos / MILLISECOND,
            "bytes", answered.sentBytes());
    answered
        .version()
        .ifPresent(version -> {
          line.put("model", version.name());
          line.put("version", version.version());
        });
    if (answered.readRows() > 0) {
      line.put("rows", answered.readRows());
    }
    if (thrown.isPresent() && problem.isEmpty()) {
      line.put("left", true);
    }
    problem.ifPresent(told -> {
      line.put("kind", told.kind());
      line.put("detail", told.detail());
    });
    answered
        .header(TRACEPARENT)
        .filter(trace -> TRACE.matcher(trace).matches())
        .ifPresent(trace -> line.put("traceparent", trace));
    if (isFailure) {
      line.put("trace", trace(thrown.get()));
    }
    new JsonLines(out).write(line);
  }

  /// Writes that something failed that nobody had asked for.
  ///
  /// @param what it is, in a word
  public void failed(String what, Throwable thrown) {
    new JsonLines(out)
        .write(
            JsonBody.members(
                "time",
                clock.instant().toString(),
                "kind",
                "failure",
                "detail",
                what + ": " + thrown.getMessage(),
                "trace",
                trace(thrown)));
  }

  private static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Override
  public void close() {
    if (isOwn) {
      out.close();
    }
  }
}
