package dev.unfold.bench.serve;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.onnx.OnnxFormat;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.measure.load.Server;
import dev.unfold.measure.load.ServerProcess;
import dev.unfold.measure.load.Users;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench peers serve`
@Command(
    name = "serve",
    usageHelpWidth = 100,
    description = {
      "Compares a server of Unfold's with ONNX Runtime behind the same server, where states are"
          + " kept by hand: steps of an LSTM, a token a request, over HTTP, in turns.",
      ""
    },
    footer = {"", "Example: unfold bench peers serve --connections 2 --seconds 10"})
public final class ServePeersCommand implements Runnable {
  private static final List<String> FLAGS =
      List.of(
          // With the usual stack, ONNX Runtime's library ends the process as it is loaded.
          "-Xss4m", "-XX:+UseSerialGC", "-XX:MaxNewSize=64m");

  @Spec private CommandSpec spec;

  @Option(
      names = "--hidden",
      paramLabel = "H",
      defaultValue = "128",
      description = "Units (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--tokens",
      paramLabel = "V",
      defaultValue = "65",
      description = "Tokens, read and predicted (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "2",
      description = "Connections (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "Of each turn (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Turns of each that count, after two to warm up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public void run() {
    expect("hidden", 1, 4096, hidden);
    expect("tokens", 3, 100_000, tokens);
    expect("connections", 1, 1000, connections);
    expect("rounds", 1, 100, rounds);
    if (!(seconds > 0 && seconds <= 600)) {
      throw new Refusal("seconds", "above 0 and at most 600", seconds);
    }
    try {
      compare();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void expect(String name, int least, int most, int value) {
    if (value < least || value > most) {
      throw new Refusal(name, "%d to %d".formatted(least, most), value);
    }
  }

  private void compare() throws IOException {
    Path folder = Files.createTempDirectory("unfold-bench-serve");
    Path model = folder.resolve("model.safetensors");
    Path onnx = folder.resolve("model.onnx");
    Path store = folder.resolve("store");
    LanguageModel made = model();
    ModelFile.save(model, made);
    new OnnxFormat().write(onnx, made, ExportOptions.defaults());
    try (ServerProcess own =
            ServerProcess.start(FLAGS, UnfoldServer.class, model.toString(), "--port", "0");
        ServerProcess kept =
            ServerProcess.start(
                FLAGS,
                UnfoldServer.class,
                model.toString(),
                "--port",
                "0",
                "--store",
                store.toString());
        ServerProcess other =
            ServerProcess.start(FLAGS, OnnxServer.class, onnx.toString(), tokens + "")) {
      Map<String, Users> all = new LinkedHashMap<>();
      all.put("Unfold", users(own));
      all.put("Unfold, steps in files", users(kept));
      all.put("ONNX Runtime, states by hand", users(other));
      run(all);
    } finally {
      delete(folder);
    }
  }

  private LanguageModel model() {
    NetworkSpec spec = NetworkSpec.tokens(Cells.lstm(), tokens, tokens, hidden);
    Network network = Network.create(spec, Backends.best(Precision.FLOAT), 1);
    List<String> letters =
        IntStream.range(0, tokens)
            .mapToObj(i -> i == 0 ? "\n" : i == 1 ? "\uFFFD" : Character.toString(0x4E00 + i))
            .toList();
    return LanguageModel.of(network, "CHAR", letters);
  }

  private Users users(ServerProcess process) throws IOException {
    Server server = new Server(process.address(), Optional.empty());
    return server.steppers(
        server.model(), connections, connections, tokens, false, new ArrayList<>());
  }

  private void run(Map<String, Users> all) throws IOException {
    Map<String, double[]> rates = new LinkedHashMap<>();
    Map<String, double[]> slow = new LinkedHashMap<>();
    for (int round = -2; round < rounds; round++) {
      for (Map.Entry<String, Users> each : all.entrySet()) {
        Users.Counts counts = each.getValue().ask(seconds);
        if (counts.errors() > 0) {
          throw new IOException(each.getKey() + ": " + counts.firstError());
        }
        if (round >= 0) {
          rates.computeIfAbsent(each.getKey(), _ -> new double[rounds])[round] =
              counts.answers() / seconds;
          slow.computeIfAbsent(each.getKey(), _ -> new double[rounds])[round] =
              counts.latencies().quantile(0.99);
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "LSTM, H = %d, K = %d, one token in, %d probabilities out as JSON, %d connections%n",
        hidden, tokens, tokens, connections);
    double first = median(rates.values().iterator().next());
    rates.forEach((name, values) ->
        out.printf(
            "%-30s %,9.0f answers a second, 99 %% in %.3f ms, ratio %.2f%n",
            name, median(values), median(slow.get(name)), first / median(values)));
    out.flush();
  }

  private static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
