package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.RepetitionsOption;
import dev.unfold.cli.option.StepsOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.ErrorFlowMeter;
import dev.unfold.flow.ReachMeter;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `unfold bench flow`
@Command(
    name = "flow",
    description =
        "Measures how many training steps it takes to follow the errors of all steps back, those of"
            + " 16 of them, and to cut the gradient at each lag.",
    footer = "Example: unfold bench flow --cell lstm --hidden 128 --batch 1")
final class BenchFlowCommand implements Runnable {
  private static final int TOKENS = 64;
  private static final int SOME = 16;

  @Spec private CommandSpec spec;
  @Mixin private NetworkArguments networkArguments;

  @Mixin private final StepsOption stepsOption = new StepsOption(256);
  @Mixin private final BatchOption batchOption = new BatchOption(1);
  @Mixin private final RepetitionsOption repetitionsOption = new RepetitionsOption(9);
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    int steps = stepsOption.count();
    int batch = batchOption.count();
    int repetitions = repetitionsOption.count();
    if ((steps + 1L) * batch > Integer.MAX_VALUE) {
      throw new Refusal("steps", "(T+1)*B below 2^31", "T=%d and B=%d".formatted(steps, batch));
    }
    Kernels kernels = backend.kernels();
    Team team = threads.team();
    Network network =
        Network.create(
            networkArguments.spec(
                new Encoder.Embedding(TOKENS, networkArguments.hidden()), new Head.Classes(TOKENS)),
            kernels,
            1);
    int[] tokens = new Random(1).ints((long) (steps + 1) * batch, 0, TOKENS).toArray();
    Batch data =
        Batch.of(steps, batch, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, batch));
    Bptt bptt = Bptt.of(network, team, steps, batch, new Engine.Full());
    Parameters gradients = network.parameters().zeros();
    Runnable step = () -> bptt.gradient(data, Reduction.MEAN, gradients);
    ErrorFlowMeter meter = new ErrorFlowMeter(network, team, steps, batch, steps);
    ErrorFlowMeter few = new ErrorFlowMeter(network, team, steps, batch, SOME);
    Runnable all = () -> meter.measure(data, ErrorFlow.allTimes(steps));
    Runnable some = () -> few.measure(data, ErrorFlow.someTimes(steps, SOME));
    ReachMeter reach = new ReachMeter(network, team, steps, batch);
    Runnable cuts = () -> reach.measure(List.of(data));
    Runnable[] ways = {step, all, some, cuts};
    double[][] seconds = new double[ways.length][repetitions];
    for (int i = -repetitions; i < repetitions; i++) {
      for (int way = 0; way < ways.length; way++) {
        long begun = System.nanoTime();
        ways[way].run();
        // The first half warms up.
        seconds[way][Math.max(0, i)] = (System.nanoTime() - begun) / 1e9;
      }
    }
    for (double[] times : seconds) {
      Arrays.sort(times);
    }
    int middle = repetitions / 2;
    double own = seconds[0][middle];
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s, hidden %d, T=%d, B=%d, %s%n",
        network.spec().cellNames(),
        networkArguments.hidden(),
        steps,
        batch,
        Wording.count(team.size(), "thread"));
    out.printf("training step      %.2f ms%n", 1e3 * own);
    out.printf(
        "errors of all steps  %.2f ms, %.1f training steps%n",
        1e3 * seconds[1][middle], seconds[1][middle] / own);
    out.printf(
        "errors of %d steps   %.2f ms, %.1f training steps%n",
        Math.min(SOME, steps), 1e3 * seconds[2][middle], seconds[2][middle] / own);
    out.printf(
        "cuts at all lags     %.2f ms, %.1f training steps%n",
        1e3 * seconds[3][middle], seconds[3][middle] / own);
    out.flush();
  }
}
