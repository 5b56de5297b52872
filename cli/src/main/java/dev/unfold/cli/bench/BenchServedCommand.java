package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.bench.DriftArguments.Streams;
import dev.unfold.cli.bench.StreamTrial.Learner;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.SeedOption;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.learn.ContestOptions;
import dev.unfold.run.learn.Decision;
import dev.unfold.run.learn.LearnOptions;
import dev.unfold.run.learn.OwnOptions;
import dev.unfold.run.learn.Scored;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.UpdateRule;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench served`
@Command(
    name = "served",
    description = {
      "Serves a stream that is not what a model was trained on, row by row, while a copy of the",
      "model learns: a sensor whose rule changes half-way, or a text beside a model of texts. Each",
      "step counts before it is learned, for the model as it was given, for what is served, for"
          + " the",
      "copy that learns, and for a session with weights of its own.",
      "",
      "The rate is the best of a grid on a stream of its own, unless it is given: another sensor,"
          + " or",
      "the first fifth of the text, of which the rest is told."
    },
    footer = {
      "",
      "Examples:",
      "  unfold bench served --cell lstm --hidden 32 --svg served.svg",
      "  unfold bench served words.safetensors other.txt --tokens 40000"
    })
final class BenchServedCommand implements Callable<Integer> {
  private static final Learner BACK = new Learner(LearnOptions.BPTT, Optional.empty());

  @Spec private CommandSpec spec;
  @Mixin private DriftArguments drift;

  @Option(
      names = "--learn-engine",
      paramLabel = "NAME",
      defaultValue = LearnOptions.BPTT,
      description =
          "How the copy learns: bptt, or an online rule such as snap1 (default: ${DEFAULT-VALUE}).")
  private String engine;

  @Option(
      names = "--rate",
      paramLabel = "X",
      description = "The step size; the best of a grid if it is not given.")
  private Double rate;

  @Option(
      names = "--learn-window",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Steps over which the copy must be better to be served (default: ${DEFAULT-VALUE}).")
  private int window;

  @Option(
      names = "--learn-margin",
      paramLabel = "X",
      defaultValue = "0.02",
      description = "By which share of the loss (default: ${DEFAULT-VALUE}).")
  private double margin;

  @Mixin private SvgOption svg;
  @Mixin private SeedOption seed;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    svg.check();
    drift.check();
    if (rate != null && !(rate > 0 && rate < 1e6)) {
      throw new Refusal("rate", "a number above 0 and below 1e6", rate);
    }
    LearnOptions options = options();
    Team team = threads.team();
    Streams streams = drift.streams(backend.kernels(), team, seed.value());
    double own = rate == null ? drift.rate(streams, BACK, team) : rate;
    double shared =
        rate != null || engine.equals(LearnOptions.BPTT)
            ? own
            : drift.rate(streams, new Learner(engine, Optional.of(engine)), team);
    DriftReport report = new DriftReport(out(), json.isAsked());
    report.head(streams, drift.segment(), "served after " + Wording.count(window, "step"));
    ServedTrial served = serve(streams, options.with(rule(shared)));
    report.add(line("as it was given", null, served.trial(Scored::withoutLearning), streams));
    report.add(line("served", shared, served.trial(Scored::served), streams));
    report.add(line("the copy that learns", shared, served.trial(Scored::learning), streams));
    OwnOptions alone =
        OwnOptions.defaults().with(new DynamicRule.Sgd(own, 0)).withSegment(drift.segment());
    report.add(line("weights of its own", own, ServedTrial.own(streams, alone), streams));
    served.decisions().stream()
        .filter(decision -> json.isAsked() || decision.kind() != Decision.Kind.RESTART)
        .forEach(this::print);
    if (!json.isAsked()) {
      long anew =
          served.decisions().stream()
              .filter(decision -> decision.kind() == Decision.Kind.RESTART)
              .count();
      out()
          .printf(
              "the copy began anew %s; learning took %.1f of %.1f seconds%n",
              Wording.count(anew, "time"), served.learning(), served.seconds());
    }
    report.draw(svg, drift.tokens());
    return 0;
  }

  private LearnOptions options() {
    ContestOptions usual = ContestOptions.defaults();
    try {
      return LearnOptions.defaults()
          .withEngine(engine)
          .withSegment(drift.segment())
          .with(new ContestOptions(window, margin, usual.deviations(), usual.fall()));
    } catch (Refusal refused) {
      boolean isSegment = refused.argument().equals("segment");
      throw isSegment ? refused : refused.renamed("learn-" + refused.argument());
    }
  }

  private static UpdateRule rule(double rate) {
    return UpdateRule.defaults()
        .with(OptimizerSpec.parse("sgd"))
        .with(new Clip.None())
        .withRate(rate);
  }

  /// What is promoted is of no use to anybody afterwards.
  private static ServedTrial serve(Streams streams, LearnOptions options) {
    try {
      Path folder = Files.createTempDirectory("unfold-served");
      try {
        return ServedTrial.of(streams, options, folder);
      } finally {
        try (Stream<Path> all = Files.list(folder)) {
          for (Path file : all.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DriftLine line(String name, Double of, StreamTrial trial, Streams streams) {
    int steps = streams.told().steps();
    // Of a text the last token is one that nothing follows.
    int segments = trial.losses().length;
    return DriftLine.of(name, of, trial, segments, steps);
  }

  private void print(Decision decision) {
    if (json.isAsked()) {
      Map<String, Object> members = decision.members();
      // Files that are gone, and hours.
      members.remove("file");
      members.remove("at");
      Json.print(out(), members);
    } else {
      out()
          .printf(
              "after step %d a %s: %.4f in the place of %.4f (standard error %.4f)%n",
              decision.steps(),
              decision.kind().name().toLowerCase(Locale.ROOT),
              decision.loss(),
              decision.lossBefore(),
              decision.error());
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
