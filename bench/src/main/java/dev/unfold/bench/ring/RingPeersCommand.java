package dev.unfold.bench.ring;

import dev.unfold.argument.Refusal;
import dev.unfold.run.ring.Ring;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench peers ring`
@Command(
    name = "ring",
    usageHelpWidth = 100,
    description = {
      "Lets several processes of one thread each find the gradients of a language model together,"
          + " and one of them alone, in turns: what a sum over the ring takes, and how much faster"
          + " they are.",
      ""
    },
    footer = {"", "Example: unfold bench peers ring --workers 2 --hidden 512 --batch 32"})
public final class RingPeersCommand implements Runnable {
  private static final int TOKEN = 16;

  @Spec private CommandSpec spec;

  @Option(
      names = "--workers",
      paramLabel = "W",
      defaultValue = "2",
      description = "Processes (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--layers",
      paramLabel = "L",
      defaultValue = "1",
      description = "Layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--vocabulary",
      paramLabel = "V",
      defaultValue = "60",
      description = "Tokens (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--hidden",
      paramLabel = "H",
      defaultValue = "512",
      description = "Units of the LSTM (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "32",
      description = "Sequences of each process (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--steps",
      paramLabel = "T",
      defaultValue = "64",
      description = "Steps (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "30",
      description = "Turns of each that count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public void run() {
    expect("workers", 2, 64, workers);
    expect("layers", 1, 64, layers);
    expect("vocabulary", 2, 1_000_000, vocabulary);
    expect("hidden", 1, 4096, hidden);
    expect("batch", 1, 4096, batch);
    expect("steps", 1, 4096, steps);
    expect("rounds", 1, 10_000, rounds);
    List<Process> others = new ArrayList<>();
    try (ServerSocketChannel mine = RingWorker.open()) {
      tell(measured(mine, others));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      others.forEach(Process::destroy);
    }
  }

  private static void expect(String name, int least, int most, int value) {
    if (value < least || value > most) {
      throw new Refusal(name, "%d to %d".formatted(least, most), value);
    }
  }

  private Rounds.Times measured(ServerSocketChannel mine, List<Process> others) throws IOException {
    int[] ports = new int[workers];
    ports[0] = RingWorker.port(mine);
    for (int rank = 1; rank < workers; rank++) {
      Process other = start(rank);
      others.add(other);
      BufferedReader said = other.inputReader(StandardCharsets.UTF_8);
      ports[rank] = Integer.parseInt(said.readLine());
    }
    byte[] token = new byte[TOKEN];
    new SecureRandom().nextBytes(token);
    String all = Arrays.stream(ports).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    for (Process other : others) {
      try (Writer told = other.outputWriter(StandardCharsets.UTF_8)) {
        told.write("%s%n%s%n".formatted(all, HexFormat.of().formatHex(token)));
      }
    }
    try (Ring ring = RingWorker.join(0, ports, mine, token)) {
      return turns().run(ring);
    }
  }

  private Rounds turns() {
    return new Rounds(layers, hidden, vocabulary, batch, steps, rounds);
  }

  private Process start(int rank) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(RingWorker.class.getName());
    command.add(Integer.toString(rank));
    command.addAll(turns().arguments());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private void tell(Rounds.Times times) {
    double alone = Rounds.median(times.alone());
    double together = Rounds.median(times.together());
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%d processes of one thread, LSTM, L = %d, H = %d, V = %d, T = %d, %d sequences each%n",
        workers, layers, hidden, vocabulary, steps, batch);
    out.printf("a sum of %,d numbers      %.2f ms%n", times.numbers(), Rounds.median(times.sum()));
    out.printf("a gradient by one process     %.1f ms%n", alone);
    out.printf(
        "by all, added up at the end   %.1f ms, %.2f times as fast%n",
        Rounds.median(times.late()), alone / Rounds.median(times.late()));
    out.printf(
        "by all, as it is found        %.1f ms, %.2f times as fast, %.0f %% of %d times%n",
        together, alone / together, 100 * alone / together / workers, workers);
    out.flush();
  }
}
