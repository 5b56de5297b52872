package dev.unfold.cli.command;

import dev.unfold.cli.report.ParityReport;
import dev.unfold.formats.exchange.Convention;
import dev.unfold.formats.exchange.ConventionSearch;
import dev.unfold.formats.exchange.GraphParity;
import dev.unfold.formats.exchange.GraphReferenceParity;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.exchange.Reference;
import dev.unfold.formats.exchange.ReferenceParity;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.run.output.Json;
import dev.unfold.run.task.ForeignText;
import dev.unfold.sequence.Inputs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Holds a model that was imported, opened again, against what there is: what another program computed, or what the
/// file says by itself.
final class ImportCheck {
  private static final int STEPS = 64;

  /// How many ways to read a file are listed.
  private static final int SHOWN = 6;

  private final Path file;
  private final Imported imported;
  private final ImportOptions options;
  private final PrintWriter out;
  private final boolean isJson;
  private boolean isClose;

  private record Line(String check) {}

  private record Guessed(List<String> wouldAgree, Double relative) {}

  private record Verdict(boolean same) {}

  /// @param options those with which `file` was read
  ImportCheck(
      Path file, Imported imported, ImportOptions options, PrintWriter out, boolean isJson) {
    this.file = file;
    this.imported = imported;
    this.options = options;
    this.out = out;
    this.isJson = isJson;
  }

  /// Compares.
  ///
  /// @return whether they agree
  boolean of(Path written, Optional<Reference> reference) {
    Imported again = ModelFormats.read(written, ImportOptions.defaults(options.kernels()));
    switch (again.content()) {
      case Imported.Content.OfModel model -> {
        Network network = asRead(model.model().network());
        if (reference.isPresent()) {
          check(network, reference.get());
        } else {
          checkAlone(network);
        }
      }
      case Imported.Content.OfGraph graph -> check(graph.graph(), reference);
    }
    if (isJson) {
      Json.print(out, new Verdict(isClose));
    } else {
      out.println(isClose ? "the same" : "DIFFERENT");
    }
    return isClose;
  }

  /// Without the tokens that a model of text was given and the file has not.
  private Network asRead(Network network) {
    int outputs = imported.model().network().spec().outputs();
    return network.spec().outputs() > outputs ? ForeignText.first(network, outputs) : network;
  }

  /// Checks that a reference is one of what was read, before anything is written.
  ///
  /// **Errors**: [FormatException] that names the array that is not, or is missing.
  void expectFits(Reference reference) {
    switch (imported.content()) {
      case Imported.Content.OfModel model -> {
        Network network = model.model().network();
        parity(network, reference).of(network);
      }
      case Imported.Content.OfGraph graph -> GraphReferenceParity.of(graph.graph(), reference);
    }
  }

  private ReferenceParity parity(Network network, Reference reference) {
    return new ReferenceParity(
        reference, network.spec(), imported.origin().map(Imported.Origin::graph));
  }

  private void say(String line) {
    if (isJson) {
      Json.print(out, new Line(line));
    } else {
      out.println(line);
    }
  }

  private void report(List<Parity.Row> rows) {
    isClose = new ParityReport(out, isJson).print(rows);
  }

  private void checkAlone(Network network) {
    boolean isChanged = options.settings().keySet().stream().anyMatch(Convention::isSetting);
    if (imported.origin().isPresent() && isChanged) {
      Network read = imported.model().network();
      Inputs inputs = Parity.input(read.spec().encoder(), read.kernels(), STEPS, 2);
      report(Parity.of(read, network, inputs, STEPS));
      say(
          "compared with what was read as is said; the file's own operators are not, and no other"
              + " program ran the file (--reference)");
      return;
    }
    if (imported.origin().isPresent()) {
      report(imported.origin().get().compare(network, STEPS));
      say(
          "compared with the file's own operators, run one by one by Unfold's own importer only; no"
              + " other program ran the file (--reference)");
      return;
    }
    Kernels doubles = Backends.named("scalar", Precision.DOUBLE);
    Network second = ModelFormats.read(file, options.with(doubles)).model().network();
    Inputs inputs = Parity.input(second.spec().encoder(), doubles, STEPS, 2);
    report(Parity.of(second, network, inputs, STEPS));
    say(
        "compared with the file read again and computed in double, by Unfold's own importer only;"
            + " no other program ran the file (--reference)");
  }

  private void check(Graph again, Optional<Reference> reference) {
    if (reference.isPresent()) {
      report(GraphReferenceParity.of(again, reference.get()).rows());
      return;
    }
    Imported.Content.OfGraph read = (Imported.Content.OfGraph) imported.content();
    report(GraphParity.of(read.graph(), again));
    say(
        "compared with the file's own operators by Unfold's own importer only; no other program ran"
            + " the file (--reference)");
  }

  private void check(Network network, Reference reference) {
    ReferenceParity parity = parity(network, reference);
    ReferenceParity.Result result = parity.of(network);
    report(result.rows());
    ConventionSearch search =
        new ConventionSearch(
            ModelFormats.of(file).gates(),
            options.settings().keySet(),
            other -> distance(parity, other));
    if (isClose) {
      result.how().forEach(this::say);
      tellAlike(search.alike(network, result.steps()));
    } else {
      guess(search.of(network, result.steps()));
    }
  }

  private void tellAlike(List<ConventionSearch.Guess> alike) {
    if (!alike.isEmpty()) {
      say(
          "the reference cannot tell this from "
              + settings(alike)
              + ": more steps, states or layers in it would");
    }
  }

  private static String settings(List<ConventionSearch.Guess> guesses) {
    String first =
        guesses.stream()
            .limit(SHOWN)
            .map(guess -> String.join(" ", guess.settings()))
            .collect(Collectors.joining(", "));
    int more = guesses.size() - SHOWN;
    return more > 0 ? "%s and %d more".formatted(first, more) : first;
  }

  private void guess(ConventionSearch.Findings findings) {
    List<ConventionSearch.Guess> agreeing = findings.agreeing();
    if (isJson) {
      agreeing.forEach(
          guess -> Json.print(out, new Guessed(guess.settings(), Json.finite(guess.relative()))));
    }
    if (agreeing.size() > 1) {
      say(
          "several ways to read it would agree, which the reference cannot tell apart: "
              + settings(agreeing)
              + "; more steps or larger numbers in it would");
    } else if (agreeing.size() == 1 && !isJson) {
      ConventionSearch.Guess guess = agreeing.getFirst();
      out.printf(
          "with %s it would agree (%.1e): %s%n",
          guess.says(),
          guess.relative(),
          guess.settings().stream().map(each -> "--set " + each).collect(Collectors.joining(" ")));
    }
    if (!agreeing.isEmpty()) {
      return;
    }
    say(
        findings.nearest().isEmpty()
            ? "tried nothing else: such a network has none of the ways in which programs differ"
            : "tried " + findings.tried() + ": none agrees" + nearest(findings.nearest().get()));
  }

  private static String nearest(ConventionSearch.Guess guess) {
    return Double.isFinite(guess.relative())
        ? "; nearest, %.1e, %s".formatted(guess.relative(), guess.says())
        : "";
  }

  /// Infinite if it cannot be run like that.
  private static double distance(ReferenceParity parity, Network network) {
    try {
      double relative = parity.of(network).relative();
      return Double.isNaN(relative) ? Double.POSITIVE_INFINITY : relative;
    } catch (FormatException e) {
      return Double.POSITIVE_INFINITY;
    }
  }
}
