package dev.unfold.cli.bench;

import dev.unfold.cli.bench.DriftArguments.Streams;
import dev.unfold.cli.bench.StreamTrial.Learner;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.RulesOption;
import dev.unfold.cli.option.SeedOption;
import dev.unfold.cli.option.SvgOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `unfold bench drift`
@Command(
    name = "drift",
    description = {
      "Lets a network go on learning on a stream that is not what it was trained on: a sensor"
          + " whose",
      "rule changes half-way, or a text beside a model of texts. Each step counts before it is",
      "learned, and the network that stays as it is reads the same stream.",
      "",
      "The rate of each way to learn is the best of a grid on a stream of its own: another sensor,",
      "or the first fifth of the text, of which the rest is told."
    },
    footer = {
      "",
      "Examples:",
      "  unfold bench drift --cell lstm --hidden 32 --svg drift.svg",
      "  unfold bench drift bytes.safetensors other.txt --tokens 100000"
    })
final class BenchDriftCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DriftArguments drift;
  @Mixin private final RulesOption rules = new RulesOption("snap1", "eprop", "immediate");

  @Mixin private SvgOption svg;

  @Mixin private SeedOption seed;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  @Override
  public Integer call() {
    svg.check();
    drift.check();
    rules.names();
    Kernels kernels = backend.kernels();
    Team team = threads.team();
    Streams streams = drift.streams(kernels, team, seed.value());
    int segment = drift.segment();
    NetworkSpec made = streams.network().spec();
    List<Learner> learners = learners(made);
    DriftReport report = new DriftReport(spec.commandLine().getOut(), json.isAsked());
    report.head(streams, segment, Wording.count(team.size(), "thread"));
    // Whoever is first would wait for the compiler.
    StreamTrial.frozen(streams.network(), streams.told(), segment, team);
    StreamTrial frozen = StreamTrial.frozen(streams.network(), streams.told(), segment, team);
    report.add(line("frozen", null, frozen, streams.told()));
    for (Learner learner : learners) {
      double rate = drift.rate(streams, learner, team);
      StreamTrial trial =
          StreamTrial.of(streams.network(), streams.told(), segment, learner, rate, team);
      report.add(line(learner.name(), rate, trial, streams.told()));
    }
    report.draw(svg, drift.tokens());
    return 0;
  }

  /// Back-propagation, and the rules that the network can learn by.
  private List<Learner> learners(NetworkSpec made) {
    List<Learner> learners = new ArrayList<>();
    learners.add(new Learner("bptt, %d steps".formatted(drift.segment()), Optional.empty()));
    rules
        .usable(
            made,
            (rule, why) ->
                spec.commandLine().getErr().printf("unfold: %s is left out: %s%n", rule, why))
        .forEach(rule -> learners.add(new Learner(rule, Optional.of(rule))));
    return learners;
  }

  private DriftLine line(String name, Double rate, StreamTrial trial, Batch stream) {
    return DriftLine.of(name, rate, trial, drift.segments(stream), stream.steps());
  }
}
