package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.measure.load.Server;
import dev.unfold.measure.load.TokenSession;
import dev.unfold.measure.load.Users;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import dev.unfold.run.task.TextModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold bench load`
@Command(
    name = "load",
    description = {
      "Asks a server that runs, as many users would: steps of sessions, a token a request, or texts"
          + " as they are written. Tells answers a second and how long they took. It stops by"
          + " itself, and fails if an answer was not as expected.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold bench load --connections 2 --seconds 10",
      "  unfold bench load --connections 100 --sessions 1000 --check model.safetensors",
      "  unfold bench load --texts 200 --connections 8",
      "  unfold bench load --seconds 3600 --every 60"
    })
final class BenchLoadCommand implements Runnable {
  private static final double MOST_SECONDS = 7 * 86_400.0;
  private static final int MOST_CONNECTIONS = 10_000;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "URL",
      arity = "0..1",
      defaultValue = "http://127.0.0.1:8080",
      description = "Where the server is (default: ${DEFAULT-VALUE}).")
  private URI url;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "A model of texts of that server (default: its first).")
  private String model;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "2",
      description = "Connections, each with one request at a time (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      description = "Sessions, which the connections step in turn (default: one each).")
  private Integer sessions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long to ask (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--every",
      paramLabel = "S",
      description = "Tell how it goes each so many seconds (default: at the end).")
  private Double every;

  @Option(
      names = "--texts",
      paramLabel = "N",
      description = "Let the model write texts of N tokens, and read each token as it comes.")
  private Integer texts;

  @Option(
      names = "--check",
      paramLabel = "MODEL",
      description =
          "The file of that model: what each session said last has to be what this model says here"
              + " of all tokens that it read, to the last bit.")
  private Path check;

  @Option(
      names = "--api-key",
      paramLabel = "FILE",
      description = "A file whose first line is the key to be let in with (default: none).")
  private Path apiKey;

  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    expectBetween("connections", 1, MOST_CONNECTIONS, connections);
    if (sessions != null) {
      expectBetween("sessions", 1, 10_000_000, sessions);
    }
    if (texts != null) {
      expectBetween("texts", 1, 1_000_000, texts);
    }
    expectSeconds("seconds", seconds);
    if (every != null) {
      expectSeconds("every", every);
    }
    if (texts != null && (sessions != null || check != null)) {
      throw new Refusal("texts", "no --sessions and no --check beside it", "one of them");
    }
    try {
      ask();
    } catch (IOException e) {
      throw new FailureException(url + ": expected a server that answers, got " + e.getMessage(), e);
    }
  }

  private static void expectBetween(String name, int least, int most, int value) {
    if (value < least || value > most) {
      throw new Refusal(name, "%d to %d".formatted(least, most), value);
    }
  }

  private static void expectSeconds(String name, double value) {
    if (!(value > 0 && value <= MOST_SECONDS)) {
      throw new Refusal(name, "above 0 and at most %.0f".formatted(MOST_SECONDS), value);
    }
  }

  private void ask() throws IOException {
    Optional<TextModel> local =
        Optional.ofNullable(check).map(file -> TextModel.load(file, backend.kernels()));
    Server server = new Server(url, key());
    String name = model == null ? server.model() : model;
    int vocabulary = server.vocabulary(name);
    List<TokenSession> opened = new ArrayList<>();
    Users users =
        texts == null
            ? server.steppers(
                name,
                connections,
                sessions == null ? connections : sessions,
                vocabulary,
                check != null,
                opened)
            : server.readers(name, connections, texts);
    double left = seconds;
    long errors = 0;
    String first = "";
    while (left > 0) {
      double now = every == null ? left : Math.min(every, left);
      Users.Counts counts = users.ask(now);
      tell(counts, now, server.metric("process_resident_memory_bytes"));
      errors += counts.errors();
      first = first.isEmpty() ? counts.firstError() : first;
      left -= now;
    }
    if (errors > 0) {
      throw new FailureException(
          "%s: expected answers alone, got %d errors, the first %s".formatted(url, errors, first),
          null);
    }
    if (local.isPresent()) {
      int same = AnswerCheck.expectSame(local.get().network(), opened);
      spec.commandLine()
          .getOut()
          .printf("%d sessions said last what the model says here, to the last bit%n", same);
    }
  }

  private Optional<String> key() throws IOException {
    if (apiKey == null) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(apiKey);
    if (lines.isEmpty() || lines.getFirst().isBlank()) {
      throw new Refusal("api-key", "a file whose first line is a key", apiKey);
    }
    return Optional.of(lines.getFirst().strip());
  }

  private void tell(Users.Counts counts, double time, OptionalDouble memory) {
    PrintWriter out = spec.commandLine().getOut();
    double rate = counts.answers() / time;
    if (json.isAsked()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("connections", connections);
      all.put("seconds", time);
      all.put("answers_per_second", rate);
      all.put("tokens_per_second", counts.tokens() / time);
      all.put("p50_ms", counts.latencies().quantile(0.5));
      all.put("p99_ms", counts.latencies().quantile(0.99));
      all.put("largest_ms", counts.latencies().largest());
      all.put("errors", counts.errors());
      memory.ifPresent(bytes -> all.put("server_bytes", (long) bytes));
      Json.print(out, all);
      return;
    }
    out.printf("%,.0f answers a second", rate);
    if (texts != null) {
      out.printf(", %,.0f tokens", counts.tokens() / time);
    }
    out.printf(
        "; 50 %% in %.3f ms, 99 %% in %.3f, 99.9 %% in %.3f, all in %.1f; %d errors",
        counts.latencies().quantile(0.5),
        counts.latencies().quantile(0.99),
        counts.latencies().quantile(0.999),
        counts.latencies().largest(),
        counts.errors());
    memory.ifPresent(bytes -> out.printf("; server %.0f MiB", bytes / (1 << 20)));
    out.println();
    out.flush();
  }
}
