package dev.unfold.serve;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.run.output.MemorySize;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.ApiKeys;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.model.ModelName;
import dev.unfold.serve.model.ModelSettings;
import dev.unfold.serve.watch.RequestLog;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `unfold serve` is told.
@Command(
    name = "unfold serve",
    description = ServeCommand.SUMMARY,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    footerHeading = "%n",
    footer = "Example: unfold serve model.safetensors",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:ended when it was asked to",
      " 1:failed",
      " 2:the arguments or what they name cannot be used",
      "130:stopped by Ctrl-C"
    })
final class ServeOptions {
  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description =
          "Model files, each served by the name of its file without what follows the last dot; or"
              + " NAME=FILE.")
  private List<String> models;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Where to listen; 0 for any port that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "127.0.0.1",
      description =
          "At which of this machine's addresses to listen (default: ${DEFAULT-VALUE}, which only"
              + " this machine reaches).")
  private String host;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Sessions of a model at most; one more is refused (default: ${DEFAULT-VALUE}).")
  private int sessions;

  @Option(
      names = "--resident",
      paramLabel = "N",
      description =
          "States in memory at most, with --store: those that were not used for the longest time"
              + " wait in its files (default: as many as sessions).")
  private Integer resident;

  @Option(
      names = "--idle",
      paramLabel = "TIME",
      defaultValue = "30m",
      description =
          "How long a session that nobody uses stays in memory; without --store it ends then"
              + " (default: ${DEFAULT-VALUE}).")
  private String idle;

  @Option(
      names = "--keep",
      paramLabel = "TIME",
      defaultValue = "30d",
      description =
          "How long a session that nobody uses stays in the store; it ends then (default:"
              + " ${DEFAULT-VALUE}).")
  private String keep;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "A folder that keeps sessions: a step is in its files before it is answered (default:"
              + " none, sessions end with the server).")
  private Path store;

  @Option(
      names = "--api-key",
      paramLabel = "FILE",
      description =
          "A file of keys, one a line, of 16 characters or more; requests need one as"
              + " Authorization: Bearer KEY (default: none is asked for).")
  private Path apiKey;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      defaultValue = "8MB",
      description = "Bytes of a request's body at most (default: ${DEFAULT-VALUE}).")
  private String maxBody;

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Requests that are answered at the same time, at most; one more is refused (default:"
              + " ${DEFAULT-VALUE}).")
  private int maxRequests;

  @Option(
      names = "--request-timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      description =
          "How long a request's head and its body may take to come, and a piece of an answer to be"
              + " read (default: ${DEFAULT-VALUE}).")
  private String requestTimeout;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description =
          "Write a line of JSON for each request to the end of this file, or to the error stream"
              + " for - (default: of failures alone, to the error stream).")
  private String log;

  @Option(
      names = "--tls",
      paramLabel = "FILE",
      description = "A key store (PKCS12) with the key and certificate to serve https with.")
  private Path tls;

  @Option(
      names = "--tls-password",
      paramLabel = "FILE",
      description = "A file with the password of the key store.")
  private Path tlsPassword;

  @Mixin private LearnChoice learning;

  List<ModelName> models() {
    return models.stream().map(ModelName::parse).toList();
  }

  Listening listening() {
    Limits limits =
        new Limits(size(), TimeSpan.parse("request-timeout", requestTimeout), maxRequests);
    Listening where =
        new Listening(
            host,
            port,
            limits,
            Optional.ofNullable(apiKey).map(ApiKeys::read),
            Optional.ofNullable(tls)
                .map(file -> KeyStoreOption.read(file, Optional.ofNullable(tlsPassword))));
    if (!where.isLocal() && apiKey == null) {
      throw new Refusal("host", "127.0.0.1 without --api-key: others could ask, too", host);
    }
    return where;
  }

  private long size() {
    MemorySize size;
    try {
      size = MemorySize.parse(maxBody);
    } catch (Refusal e) {
      throw e.renamed("max-body");
    }
    if (size.unit() == 0) {
      throw new Refusal("max-body", "an amount such as 8MB", maxBody);
    }
    return size.bytes(0);
  }

  ModelSettings settings(PrintWriter err, InstantSource clock) {
    if (store == null && resident != null) {
      throw new Refusal("resident", "it with --store, which keeps the others", "it without");
    }
    SessionOptions usual = SessionOptions.defaults();
    SessionOptions own =
        new SessionOptions(
            sessions,
            resident == null ? sessions : resident,
            TimeSpan.parse("idle", idle),
            TimeSpan.parse("keep", keep),
            usual.marks(),
            usual.batch());
    return new ModelSettings(
        Backends.best(Precision.FLOAT),
        own,
        clock,
        Optional.ofNullable(store),
        learning.settings(err));
  }

  /// How often sessions are looked through: so that none stays much longer than it may.
  Duration sweep() {
    Duration quarter = TimeSpan.parse("idle", idle).dividedBy(4);
    Duration most = Duration.ofSeconds(10);
    Duration least = Duration.ofMillis(100);
    Duration some = quarter.compareTo(most) < 0 ? quarter : most;
    return some.compareTo(least) < 0 ? least : some;
  }

  RequestLog log(PrintWriter err, InstantSource clock) {
    if (log == null) {
      return RequestLog.ofFailures(err, clock);
    }
    return log.equals("-") ? RequestLog.ofAll(err, clock) : RequestLog.ofAll(Path.of(log), clock);
  }
}
