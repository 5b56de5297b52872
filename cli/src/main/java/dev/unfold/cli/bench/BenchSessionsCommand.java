package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.ProcessMemory;
import dev.unfold.run.output.Wording;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.SessionStatistics;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench sessions`
@Command(
    name = "sessions",
    description = {
      "Measures sessions within this process: steps a second of one token each, alone and by"
          + " several threads, what many sessions take of memory, and with --store how long it"
          + " takes to open them again.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold bench sessions --cell lstm --hidden 128",
      "  unfold bench sessions --hidden 128 --sessions 100000 --store /tmp/sessions"
    })
final class BenchSessionsCommand implements Runnable {
  private static final int MOST = 10_000_000;
  private static final int MOST_TOKENS = 1_000_000;
  private static final int ROUNDS = 9;
  private static final int CHUNK = 64;

  @Spec private CommandSpec spec;
  @Mixin private NetworkArguments networkArguments;

  @Option(
      names = "--tokens",
      paramLabel = "V",
      defaultValue = "65",
      description = "Tokens that the network reads and predicts (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Sessions to open (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "How long each kind of step is measured, after as long to warm up (default:"
              + " ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "An empty folder to keep them in (default: memory alone).")
  private Path store;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    if (count < 1 || count > MOST) {
      throw new Refusal("sessions", "1 to " + MOST, count);
    }
    if (tokens < 2 || tokens > MOST_TOKENS) {
      throw new Refusal("tokens", "2 to " + MOST_TOKENS, tokens);
    }
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new Refusal("seconds", "0 to 3600", seconds);
    }
    int all = threads.team().size();
    Encoder.Embedding encoder = new Encoder.Embedding(tokens, networkArguments.hidden());
    Network network =
        Network.create(
            networkArguments.spec(encoder, new Head.Classes(tokens)), backend.kernels(), 1);
    ModelVersion version = new ModelVersion("bench", "1", NetworkModel.of(network));
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s, hidden %d, K=%d, %s%n",
        network.spec().cellNames(),
        networkArguments.hidden(),
        tokens,
        store == null ? "in memory" : "in memory and in files");
    expectEmpty();
    try (Sessions sessions = open(version)) {
      open(out, sessions);
      speed(out, sessions, 1, false);
      speed(out, sessions, all, false);
      speed(out, sessions, Math.min(count, 100), true);
    }
    if (store != null) {
      long begun = System.nanoTime();
      try (Sessions again = open(version)) {
        out.printf(
            "%,d sessions opened again in %.2f s, %.1f MiB of files%n",
            again.size(),
            (System.nanoTime() - begun) / 1e9,
            again.statistics().fileBytes() / (double) (1 << 20));
      }
    }
    out.flush();
  }

  private void expectEmpty() {
    if (store == null) {
      return;
    }
    try {
      Files.createDirectories(store);
      try (Stream<Path> files = Files.list(store)) {
        if (files.findAny().isPresent()) {
          throw new Refusal("store", "an empty folder", store);
        }
      }
    } catch (IOException e) {
      throw new FailureException("store: expected a folder that can be used, got " + e, e);
    }
  }

  private Sessions open(ModelVersion version) {
    SessionOptions options =
        new SessionOptions(count, count, Duration.ofHours(1), Duration.ofDays(1), 8, 32);
    return store == null
        ? Sessions.of(version, options, InstantSource.system())
        : Sessions.stored(version, options, InstantSource.system(), store);
  }

  private void open(PrintWriter out, Sessions sessions) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    long before = memory.getHeapMemoryUsage().getUsed();
    long begun = System.nanoTime();
    for (int s = 0; s < count; s++) {
      sessions.open(name(s)).step(new Inputs.Tokens(new int[] {s % tokens}, 0));
    }
    double time = (System.nanoTime() - begun) / 1e9;
    memory.gc();
    long heap = memory.getHeapMemoryUsage().getUsed() - before;
    SessionStatistics statistics = sessions.statistics();
    out.printf(
        "%,d sessions opened and stepped in %.2f s; states %.1f MiB, %.0f bytes of heap each; this"
            + " process %.0f MiB%n",
        count,
        time,
        statistics.stateBytes() / (double) (1 << 20),
        Math.max(0, heap) / (double) count,
        ProcessMemory.resident().orElse(0) / (double) (1 << 20));
  }

  private static String name(int s) {
    return "session-" + s;
  }

  /// Steps a second of several threads, each with sessions of its own.
  private void speed(PrintWriter out, Sessions sessions, int callers, boolean isVirtual) {
    double[] rates = new double[ROUNDS];
    long rows = sessions.statistics().rows();
    long frames = sessions.statistics().frames();
    for (int round = -ROUNDS; round < ROUNDS; round++) {
      // The first half warms up.
      rates[Math.max(0, round)] = rate(sessions, callers, isVirtual);
    }
    Arrays.sort(rates);
    double side =
        (sessions.statistics().rows() - rows)
            / (double) Math.max(1, sessions.statistics().frames() - frames);
    out.printf(
        Locale.ROOT,
        "%s: %,.0f steps a second (%,.0f to %,.0f), %.1f side by side%n",
        Wording.count(callers, isVirtual ? "virtual thread" : "thread"),
        rates[ROUNDS / 2],
        rates[0],
        rates[ROUNDS - 1],
        side);
    out.flush();
  }

  private double rate(Sessions sessions, int callers, boolean isVirtual) {
    long begun = System.nanoTime();
    long end = begun + (long) (seconds * 1e9 / ROUNDS);
    long[] steps = new long[callers];
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      int own = i;
      Thread.Builder builder = isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
      running.add(builder.start(() -> steps[own] = step(sessions.find(name(own % count)), end)));
    }
    try {
      for (Thread thread : running) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Arrays.stream(steps).sum() / ((System.nanoTime() - begun) / 1e9);
  }

  private long step(Session session, long end) {
    long steps = 0;
    while (System.nanoTime() < end) {
      for (int i = 0; i < CHUNK; i++) {
        session.step(new Inputs.Tokens(new int[] {(int) (steps++ % tokens)}, 0));
      }
    }
    return steps;
  }
}
