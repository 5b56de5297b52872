package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.SettingsOption;
import dev.unfold.cli.report.ParityReport;
import dev.unfold.formats.exchange.GraphParity;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.run.output.Json;
import dev.unfold.sequence.Inputs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold compare`
@Command(
    name = "compare",
    description = {
      "Tells whether two models are the same: what their layers put out and what they say, step by"
          + " step, on the same input.",
      "",
      "The exit code is 1 if they differ by more than the rounding of floats, 1e-5 of the largest"
          + " number, or if outputs or tokens mean other things.",
      ""
    },
    footer = "Example: unfold compare model.safetensors model.onnx")
public final class CompareCommand implements Callable<Integer> {
  private static final int STEPS = 64;
  private static final int BATCH = 2;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "A model, also of another program.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Another.")
  private Path second;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "A table to compare them on, a step a row: the numbers that they read, or tokens"
              + " (default: 64 steps of random ones).")
  private Path data;

  @Mixin private SettingsOption settings;
  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  private record Verdict(boolean same) {}

  private record Other(String differs) {}

  @Override
  public Integer call() {
    Kernels kernels = backend.kernels();
    Map<String, String> said = settings.all();
    expectForeign(first, "a.", said);
    expectForeign(second, "b.", said);
    Imported.Content a = read(first, said(said, "a.", isOwn(first)), kernels);
    Imported.Content b = read(second, said(said, "b.", isOwn(second)), kernels);
    if (isOwn(first) && isOwn(second) && !said.isEmpty()) {
      throw new Refusal("set", "a file of another program", "two models of Unfold's own");
    }
    List<Parity.Row> rows = rows(a, b, kernels);
    PrintWriter out = spec.commandLine().getOut();
    boolean isClose = new ParityReport(out, json.isAsked()).print(rows);
    List<String> others = otherMeanings(a, b);
    for (String line : others) {
      if (json.isAsked()) {
        Json.print(out, new Other(line));
      } else {
        out.println(line);
      }
    }
    boolean isSame = isClose && others.isEmpty();
    if (json.isAsked()) {
      Json.print(out, new Verdict(isSame));
    } else {
      out.println(isSame ? "the same" : "DIFFERENT");
    }
    return isSame ? 0 : 1;
  }

  /// In what two networks say other things with the same numbers, a line each.
  private static List<String> otherMeanings(Imported.Content a, Imported.Content b) {
    List<String> lines = new ArrayList<>();
    if (a instanceof Imported.Content.OfModel own && b instanceof Imported.Content.OfModel other) {
      String first = own.model().network().spec().head().text();
      String second = other.model().network().spec().head().text();
      if (!first.equals(second)) {
        lines.add("outputs of A are %s, of B %s".formatted(first, second));
      }
      if (own.model() instanceof LanguageModel x
          && other.model() instanceof LanguageModel y
          && !(x.unit().equals(y.unit()) && x.vocabulary().equals(y.vocabulary()))) {
        lines.add("the tokens of A and B are not the same");
      }
    }
    return lines;
  }

  private static boolean isOwn(Path file) {
    return ModelFile.isModel(file) || GraphFile.isGraph(file);
  }

  private static void expectForeign(Path file, String prefix, Map<String, String> said) {
    for (String name : said.keySet()) {
      if (name.startsWith(prefix) && isOwn(file)) {
        throw new Refusal("set", "nothing for %s, which is Unfold's own".formatted(file), name);
      }
    }
  }

  /// What is said of one of the files: with its prefix, and what has no prefix unless it is Unfold's own.
  private static Map<String, String> said(Map<String, String> all, String prefix, boolean isOwn) {
    Map<String, String> own = new LinkedHashMap<>();
    all.forEach((name, value) -> {
      if (name.startsWith(prefix)) {
        own.put(name.substring(prefix.length()), value);
      } else if (!isOwn && !name.startsWith("a.") && !name.startsWith("b.")) {
        own.putIfAbsent(name, value);
      }
    });
    return own;
  }

  private static Imported.Content read(Path file, Map<String, String> settings, Kernels kernels) {
    return ModelFormats.read(file, new ImportOptions(settings, kernels)).content();
  }

  private List<Parity.Row> rows(Imported.Content a, Imported.Content b, Kernels kernels) {
    return switch (a) {
      case Imported.Content.OfModel own ->
          switch (b) {
            case Imported.Content.OfModel other -> networks(own, other, kernels);
            case Imported.Content.OfGraph graph -> mixed(own, graph, kernels);
          };
      case Imported.Content.OfGraph own ->
          switch (b) {
            case Imported.Content.OfModel other -> mixed(other, own, kernels);
            case Imported.Content.OfGraph graph -> graphs(own, graph);
          };
    };
  }

  private List<Parity.Row> networks(
      Imported.Content.OfModel a, Imported.Content.OfModel b, Kernels kernels) {
    Network own = a.model().network();
    Inputs inputs = inputs(own, kernels);
    return Parity.of(own, b.model().network(), inputs, steps(inputs));
  }

  private List<Parity.Row> mixed(
      Imported.Content.OfModel a, Imported.Content.OfGraph b, Kernels kernels) {
    Network own = a.model().network();
    Inputs inputs = inputs(own, kernels);
    return GraphParity.of(own, b.graph(), inputs, steps(inputs));
  }

  private List<Parity.Row> graphs(Imported.Content.OfGraph a, Imported.Content.OfGraph b) {
    if (data != null) {
      throw new Refusal("data", "a network among the two for steps of data", "two graphs");
    }
    return GraphParity.of(a.graph(), b.graph());
  }

  private Inputs inputs(Network network, Kernels kernels) {
    return data == null
        ? Parity.input(network.spec().encoder(), kernels, STEPS, BATCH)
        : StepFile.read(data, network.spec().encoder(), kernels);
  }

  private int steps(Inputs inputs) {
    return data == null ? STEPS : inputs.rows();
  }
}
