package dev.unfold.cli;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.Cells;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Matrix;
import dev.unfold.net.ErrorFlow;
import dev.unfold.net.Initialization;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.net.TruncationMeter;
import dev.unfold.train.Clip;
import dev.unfold.train.UpdateRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// What follows from what was measured, in words, each with the number that it follows from.
record Advice(
    Network network,
    List<Inspection.LayerFlow> layers,
    ErrorFlow flow,
    TruncationMeter meter,
    double tolerance) {
  private static final double VANISHING = 0.95;
  private static final double EXPLODING = 1.02;

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Inspection.LayerFlow layer : layers) {
      gain(layer, lines);
    }
    reach(lines);
    truncation(lines);
    return lines;
  }

  private void gain(Inspection.LayerFlow layer, List<String> lines) {
    double gain = layer.gain();
    if (gain < VANISHING) {
      lines.add(
          "%s: errors vanish: a step back leaves %.3f of the error on average%s -> %s"
              .formatted(
                  layer.name(),
                  gain,
                  layer.halfLife() == null
                      ? ""
                      : ", half of it is gone after " + layer.halfLife() + " steps",
                  remedy()));
    } else if (gain > EXPLODING) {
      lines.add(
          "%s: errors explode: a step back multiplies the error by %.3f on average -> clip: the norm of"
                  .formatted(layer.name(), gain)
              + " the gradient is %.3g here, try --clip %.2g"
                  .formatted(meter.norm().mean(), meter.norm().mean()));
    }
  }

  /// The first of them that can be tried; empty if there is none.
  Optional<Trial.Change> change() {
    NetworkSpec spec = network.spec();
    Initialization usual = Initialization.defaults();
    Clip clip = UpdateRule.defaults().clip();
    for (Inspection.LayerFlow layer : layers) {
      double gain = layer.gain();
      OptionalDouble forget = forgetBias();
      if (gain > EXPLODING) {
        double norm = Double.parseDouble("%.2g".formatted(meter.norm().mean()));
        return Optional.of(new Trial.Change("--clip " + norm, spec, usual, new Clip.Norm(norm)));
      }
      if (gain < VANISHING && forget.isEmpty()) {
        NetworkSpec gated =
            new NetworkSpec(
                Cells.lstm(),
                spec.encoder(),
                spec.hidden(),
                spec.layers(),
                spec.classes(),
                spec.wiring());
        return Optional.of(new Trial.Change("--cell lstm", gated, usual, clip));
      }
      if (gain < VANISHING && forget.getAsDouble() < 1) {
        int bias = forgetBias(forget.getAsDouble());
        return Optional.of(
            new Trial.Change("--init forget=" + bias, spec, usual.withForgetBias(bias), clip));
      }
    }
    return Optional.empty();
  }

  private static int forgetBias(double now) {
    return now < 0.5 ? 1 : 2;
  }

  private String remedy() {
    OptionalDouble forget = forgetBias();
    Cell cell = network.spec().cell();
    if (forget.isPresent() && forget.getAsDouble() < 1) {
      return "the forget gates' biases are %.2f on average, try --init forget=%d"
          .formatted(forget.getAsDouble(), forgetBias(forget.getAsDouble()));
    }
    return forget.isPresent()
        ? "the forget gates' biases are %.2f on average already; if more is needed, try chunks of more"
                .formatted(forget.getAsDouble())
            + " steps in training"
        : "%s has no gate that keeps its state, try --cell lstm or --cell gru"
            .formatted(cell.name());
  }

  /// What the biases of forget gates add up to, averaged over units and layers; empty if the cell has none.
  private OptionalDouble forgetBias() {
    Cell cell = network.spec().cell();
    double sum = 0;
    long count = 0;
    for (int l = 0; l < network.spec().layers(); l++) {
      Sizes sizes = cell.sizes(1, network.spec().hidden());
      boolean isFirst = true;
      for (CellParameter parameter : cell.layout().parameters()) {
        int from = 0;
        for (Block block : parameter.blocks()) {
          int size = sizes.of(block.size());
          if (!parameter.role().isMatrix() && cell.forgetBiases().contains(block.name())) {
            Matrix bias = network.parameters().matrix(parameter.name() + "_l" + l);
            for (int i = 0; i < size; i++) {
              sum += bias.get(0, from + i);
            }
            count += isFirst ? size : 0;
            isFirst = false;
          }
          from += size;
        }
      }
    }
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
  }

  private void reach(List<String> lines) {
    int most = flow.lag(0.9);
    int all = flow.lag(0.99);
    if (all > 0.75 * flow.steps()) {
      lines.add(
          "reach: 99 %% of the gradient takes lags up to %d of %d steps: longer sequences may hold more ->"
                  .formatted(all, flow.steps())
              + " try --steps "
              + 2 * flow.steps());
    } else {
      lines.add(
          "reach: lags up to %d hold 90 %% of the gradient, up to %d hold 99 %%, of %d steps"
              .formatted(most, all, flow.steps()));
    }
  }

  private void truncation(List<String> lines) {
    OptionalInt least = meter.least(tolerance);
    if (least.isPresent() && least.getAsInt() < flow.steps()) {
      lines.add(
          "truncation: windows of %d steps give gradients within %.0f %% of the exact ones -> --steps %d"
                  .formatted(least.getAsInt(), 100 * tolerance, least.getAsInt())
              + " is enough");
    } else {
      lines.add(
          "truncation: no window shorter than %d steps gives gradients within %.0f %% of the exact ones"
              .formatted(flow.steps(), 100 * tolerance));
    }
  }
}
