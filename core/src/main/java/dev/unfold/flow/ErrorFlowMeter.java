package dev.unfold.flow;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.ParameterShape;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Follows the errors of many steps back side by side, over what one forward pass has kept. For whoever measures an
/// [ErrorFlow] more than once.
///
/// **Memory**: [Footprint#of] for T steps of B sequences, and between two layers, for about 128 errors and sequences
/// a thread, T H numbers each, twice; kept from measurement to measurement.
///
/// **Threads**: one caller at a time. The team shares the errors; the result is the same for any team, bit for bit.
public final class ErrorFlowMeter {
  /// Rows of a step for each thread, about: enough for the products to run at full speed.
  private static final int ROWS = 128;

  private final Team team;
  private final int steps;
  private final int size;
  private final boolean isBidirectional;
  private final Parameters gradients;
  private final UnrolledNetwork whole;

  /// What each thread follows with.
  private final List<NetworkErrorBundle> ways = new ArrayList<>();

  /// How many errors each thread follows at once.
  private final int side;

  private final List<LayerFlow> flows = new ArrayList<>();

  /// A meter for T steps of B sequences, which follows up to `times` errors at once.
  ///
  /// **Errors**: [IllegalArgumentException] for a cell without affine maps, which has no error signals.
  public ErrorFlowMeter(Network network, Team team, int steps, int batch, int times) {
    this(network, team, steps, batch, times, Passage.WHOLE);
  }

  /// The same for errors of which a part passes, as online rules let them: what a rule throws away is what is missing.
  ///
  /// @param passage what an error may pass on its way to the step before; if not all, it comes down to lower layers
  ///     through its own step alone
  ///
  /// **Errors**: and for a cell whose units mix within a step, or layers of both directions, if not all passes.
  public ErrorFlowMeter(
      Network network, Team team, int steps, int batch, int times, Passage passage) {
    this.team = team;
    this.steps = steps;
    size = batch;
    isBidirectional = network.spec().directions() > 1;
    if (isBidirectional && passage != Passage.WHOLE) {
      throw new Refusal("passage", "all for layers of both directions", passage.text());
    }
    gradients = network.parameters().zeros();
    whole = UnrolledNetwork.of(network, team, steps, size);
    Kernels kernels = network.kernels();
    side = Math.clamp(Math.ceilDiv(times, team.size()), 1, Math.max(1, ROWS / size));
    for (int part = 0; part < team.size(); part++) {
      ways.add(new NetworkErrorBundle(whole.tape(), kernels, side, passage));
    }
    List<NetworkLayer> layers = whole.tape().layers;
    for (int l = 0; l < layers.size(); l++) {
      for (int d = 0; d < layers.get(l).directions.size(); d++) {
        UnrolledLayer layer = layers.get(l).directions.get(d);
        if (layer.groups() == 0) {
          throw new Refusal(
              "cell",
              "an affine map, whose error signals are followed",
              "none in " + network.spec().stack().get(l).cell().name());
        }
        String suffix = Network.suffixes(network.spec(), l).get(d);
        List<Matrix> own = network.weights().ofLayer(l, gradients).get(d);
        List<String> names =
            network.weights().layers.get(l).get(d).shapes().stream()
                .map(ParameterShape::name)
                .toList();
        flows.add(new LayerFlow(kernels, layer, suffix, names, own, d > 0));
      }
    }
  }

  /// Follows the errors of the steps `times` of `batch` back, from a state of zeros.
  ///
  /// **Errors**: as [ErrorFlow#of].
  public ErrorFlow measure(Batch batch, int... times) {
    return measure(batch, false, times);
  }

  /// The same, and the norms of each unit's signals: T numbers for each error and unit.
  ///
  /// **Errors**: as [ErrorFlow#of].
  public ErrorFlow measureUnits(Batch batch, int... times) {
    return measure(batch, true, times);
  }

  private ErrorFlow measure(Batch batch, boolean hasUnits, int... times) {
    if (batch.steps() != steps || batch.batch() != size) {
      throw new Refusal(
          "batch",
          "T=%d steps of B=%d sequences".formatted(steps, size),
          "%d of %d".formatted(batch.steps(), batch.batch()));
    }
    if (batch.present().isPresent()) {
      throw new Refusal("batch", "sequences that all have T steps", "shorter ones");
    }
    if (!batch.targets().isOfSteps()) {
      throw new Refusal("batch", "a loss of each step", "one of sequences");
    }
    int[] sorted = Arrays.stream(times).sorted().distinct().toArray();
    for (int t : sorted) {
      if (t < 0 || t >= steps) {
        throw new Refusal("times", "0 to T-1=" + (steps - 1), t);
      }
    }
    gradients.buffer().clear();
    whole.startFromZero();
    whole.loss(batch, Reduction.SUM);
    whole.backward(gradients);
    flows.forEach(flow -> flow.start(sorted, hasUnits));
    Matrix arriving = whole.tape().layers.getLast().outputGradient.rows(steps * size);
    team.run((part, parts) -> follow(sorted, arriving, part, parts));
    List<Integer> list = Arrays.stream(sorted).boxed().toList();
    return new ErrorFlow(steps, list, flows.stream().map(LayerFlow::layer).toList());
  }

  /// Follows every `parts`-th error, so that all threads have as many early ones and late ones.
  ///
  /// @param arriving dE_t/dh(t) at the uppermost layer, row t*B + b
  private void follow(int[] times, Matrix arriving, int part, int parts) {
    int[] own = IntStream.range(0, times.length).filter(i -> i % parts == part).toArray();
    NetworkErrorBundle way = ways.get(part);
    for (int first = 0; first < own.length; first += side) {
      int[] indices = Arrays.copyOfRange(own, first, Math.min(own.length, first + side));
      int[] ofTimes = Arrays.stream(indices).map(i -> times[i]).toArray();
      way.clear();
      if (isBidirectional) {
        // A layer that both directions feed gets errors before and after its own step: a first pass
        // finds that.
        way.follow(
            ofTimes,
            arriving,
            (layer, bundle, t, from, exponents) ->
                flows.get(layer).addOwn(bundle, t, from, tail(indices, side - from)));
        way.clear();
      }
      way.follow(
          ofTimes,
          arriving,
          (layer, bundle, t, from, exponents) -> {
            int[] there = tail(indices, side - from);
            if (!isBidirectional) {
              flows.get(layer).addOwn(bundle, t, from, there);
            }
            flows.get(layer).add(bundle, t, from, there, exponents);
          });
    }
  }

  /// The last `count`.
  private static int[] tail(int[] of, int count) {
    return Arrays.copyOfRange(of, of.length - count, of.length);
  }
}
