package dev.unfold.run.inspect;

import dev.unfold.argument.Expect;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.ErrorFlowMeter;
import dev.unfold.flow.Reach;
import dev.unfold.flow.RecurrentJacobian;
import dev.unfold.flow.Saturation;
import dev.unfold.flow.TruncationMeter;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// Measures the error flow of a network on data, for [Inspection].
///
/// @param network it
/// @param team the threads
/// @param data what its errors are followed on
/// @param times the steps whose errors are followed
/// @param units steps whose errors are told for each unit; 0 for none
/// @param tolerance the relative error that the user takes
/// @param rules names of online rules to compare with, [dev.unfold.online.OnlineRule#parse]
public record InspectionMeter(
    Network network,
    Team team,
    InspectionData data,
    List<Integer> times,
    int units,
    double tolerance,
    List<String> rules) {
  /// Singular values of more states would take too long to wait for.
  private static final int MOST_STATES = 300;

  /// Steps whose singular values are shown.
  private static final int JACOBIANS = 6;

  private static final double TOLERANCE = 0.1;

  /// One that follows all errors, and tells no units.
  public static InspectionMeter of(Network network, Team team, InspectionData data) {
    return new InspectionMeter(
        Expect.given("network", network),
        Expect.given("team", team),
        data,
        listed(Expect.given("data", data).times(0)),
        0,
        TOLERANCE,
        List.of());
  }

  private static List<Integer> listed(int... times) {
    return Arrays.stream(times).boxed().toList();
  }

  /// The same that follows the errors of so many steps, evenly spread; of all for 0.
  public InspectionMeter withErrors(int steps) {
    return new InspectionMeter(
        network, team, data, listed(data.times(steps)), units, tolerance, rules);
  }

  /// The same that follows the errors of up to `most` of the last `steps` steps, evenly spread.
  public InspectionMeter withLast(int steps, int most) {
    int first = Math.max(0, data.steps() - steps);
    int there = data.steps() - first;
    int count = Math.min(there, most);
    List<Integer> last =
        IntStream.rangeClosed(1, count)
            .map(i -> first + (int) ((long) i * there / count) - 1)
            .boxed()
            .toList();
    return new InspectionMeter(network, team, data, last, units, tolerance, rules);
  }

  /// The same that tells of so many errors what reaches each unit.
  public InspectionMeter withUnits(int steps) {
    return new InspectionMeter(network, team, data, times, steps, tolerance, rules);
  }

  /// The same for another relative error.
  public InspectionMeter withTolerance(double error) {
    return new InspectionMeter(network, team, data, times, units, error, rules);
  }

  /// The same that compares online rules.
  public InspectionMeter withRules(List<String> names) {
    return new InspectionMeter(network, team, data, times, units, tolerance, names);
  }

  /// What is found, without advice.
  ///
  /// @param model how the model is called
  /// @param files how the data are called
  public Inspection measure(String model, String files) {
    Batch first = data.batches().getFirst();
    int[] followed = times.stream().mapToInt(each -> each).toArray();
    ErrorFlowMeter meter =
        new ErrorFlowMeter(network, team, first.steps(), first.batch(), followed.length);
    ErrorFlow flow = meter.measure(first, followed);
    ErrorFlow some =
        units > 0 ? meter.measureUnits(first, ErrorFlow.someTimes(first.steps(), units)) : flow;
    Reach reach = Reach.of(network, team, data.batches());
    TruncationMeter truncation = TruncationMeter.of(network, team, data.batches());
    OptionalInt sufficient = truncation.least(tolerance);
    List<Inspection.LayerFlow> layers =
        IntStream.range(0, flow.layers().size())
            .mapToObj(l ->
                Inspection.LayerFlow.of(
                    flow.layers().get(l),
                    some.layers().get(l),
                    reach.layers().isEmpty()
                        ? null
                        : Inspection.Cuts.of(reach, reach.layers().get(l).errors(), tolerance),
                    first.steps()))
            .toList();
    return new Inspection(
        model,
        LayerText.of(network.spec()),
        network.spec().hidden(),
        files,
        first.steps(),
        first.batch(),
        flow.times(),
        layers,
        reach.errors().isEmpty() ? null : Inspection.Cuts.of(reach, reach.errors(), tolerance),
        Inspection.Shares.of(flow),
        Inspection.cuts(truncation),
        rules.stream()
            .map(rule -> RuleFlow.of(rule, network, team, data.batches(), followed))
            .toList(),
        TimeRounds.of(network, layers, data.first(0, first.steps()), first.steps()),
        jacobians(),
        tolerance,
        sufficient.isPresent() ? sufficient.getAsInt() : null,
        truncation.norm().mean(),
        Saturation.of(network, team, first),
        data.information().map(Inspection.Need::of).orElse(null),
        List.of(),
        null);
  }

  private List<Inspection.Jacobian> jacobians() {
    List<Inspection.Jacobian> all = new ArrayList<>();
    if (RecurrentJacobian.states(network) > MOST_STATES || network.spec().directions() > 1) {
      return all;
    }
    Runner runner = new Runner(network);
    State state = network.zeroState(1);
    int before = 0;
    for (int t : data.times(JACOBIANS)) {
      if (t > before) {
        state = runner.run(data.first(before, t), state).state();
        before = t;
      }
      all.add(
          Inspection.Jacobian.of(
              t, RecurrentJacobian.of(network, team, state, data.first(t, t + 1))));
    }
    return all;
  }
}
