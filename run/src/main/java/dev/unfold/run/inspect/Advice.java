package dev.unfold.run.inspect;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.Cells;
import dev.unfold.flow.Saturation;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.output.Wording;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.UpdateRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What follows from what was measured, in words, each with the number that it follows from.
public record Advice(Network network, Inspection inspection) {
  private static final double VANISHING = 0.95;
  private static final double EXPLODING = 1.02;

  /// The share of units that are saturated at the same end at all steps that is worth a word.
  private static final double MANY_STUCK = 0.1;

  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Inspection.LayerFlow layer : inspection.layers()) {
      gain(layer, lines);
    }
    inspection.saturation().forEach(values -> saturation(values, lines));
    reach(lines);
    need(lines);
    if (!inspection.truncation().isEmpty()) {
      truncation(lines);
    }
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
                  .formatted(inspection.gradientNorm(), inspection.gradientNorm()));
    }
  }

  /// The first of them that can be tried; empty if there is none.
  public Optional<Trial.Change> change() {
    NetworkSpec spec = network.spec();
    Initialization usual = Initialization.defaults();
    Clip clip = UpdateRule.defaults().clip();
    for (Inspection.LayerFlow layer : inspection.layers()) {
      double gain = layer.gain();
      OptionalDouble forget = forgetBias();
      if (gain > EXPLODING) {
        double norm = Double.parseDouble("%.2g".formatted(inspection.gradientNorm()));
        return Optional.of(new Trial.Change("--clip " + norm, spec, usual, new Clip.Norm(norm)));
      }
      if (gain < VANISHING && forget.isEmpty() && spec.isUniform()) {
        NetworkSpec gated =
            new NetworkSpec(
                Cells.lstm(),
                spec.encoder(),
                spec.hidden(),
                spec.layers(),
                spec.outputs(),
                spec.wiring());
        return Optional.of(new Trial.Change("--cell lstm", gated, usual, clip));
      }
      if (gain < VANISHING && forget.isPresent() && forget.getAsDouble() < 1) {
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
    if (forget.isPresent() && forget.getAsDouble() < 1) {
      return "the forget gates' biases are %.2f on average, try --init forget=%d"
          .formatted(forget.getAsDouble(), forgetBias(forget.getAsDouble()));
    }
    return forget.isPresent()
        ? "the forget gates' biases are %.2f on average already; if more is needed, try chunks of more"
                .formatted(forget.getAsDouble())
            + " steps in training"
        : "%s has no gate that keeps its state, try --cell lstm or --cell gru"
            .formatted(network.spec().cellNames());
  }

  /// What the biases of forget gates add up to, averaged over units and layers; empty if the cell has none.
  private OptionalDouble forgetBias() {
    double sum = 0;
    long count = 0;
    for (int l = 0; l < network.spec().layers(); l++) {
      Cell cell = network.spec().stack().get(l).cell();
      Sizes sizes = network.spec().stack().get(l).sizes(1);
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

  private static void saturation(Saturation values, List<String> lines) {
    String place = values.layer() + " " + values.name();
    switch (values.function()) {
      case RELU -> {
        if (values.stuck() > 0) {
          lines.add(
              "%s: relus that are 0 at all steps: %d of %d; no error reaches them, they are dead -> try a smaller"
                      .formatted(place, values.stuck(), values.units())
                  + " --lr");
        }
      }
      case SIGMOID, TANH -> {
        if (values.stuck() >= MANY_STUCK * values.units()) {
          lines.add(
              "%s: units that are saturated at the same end at all steps: %d of %d; they are constants, and"
                      .formatted(place, values.stuck(), values.units())
                  + " hardly learn -> try a smaller --lr");
        }
      }
    }
  }

  private void reach(List<String> lines) {
    Inspection.Cuts reach = inspection.reach();
    if (reach == null) {
      return;
    }
    int lag = reach.within().tolerance();
    int steps = inspection.steps();
    if (lag > 0.75 * steps) {
      lines.add(
          "reach: cut at any lag below %d of %d steps the gradient is more than %s off: longer sequences may"
                  .formatted(lag, steps, tolerance())
              + " hold more"
              + (isText() ? " -> try --steps " + 2 * steps : ""));
    } else {
      lines.add(
          "reach: cut at lag %d, of %d steps, the gradient is within %s of the exact one%s"
              .formatted(
                  lag,
                  steps,
                  tolerance(),
                  inspection.tolerance() > 0.01
                      ? ", at lag " + reach.within().hundredth() + " within 1 %"
                      : ""));
    }
  }

  private String tolerance() {
    return Wording.percent(inspection.tolerance());
  }

  /// What the data have to tell, against how far the gradient reaches.
  private void need(List<String> lines) {
    Inspection.Need need = inspection.need();
    Inspection.Cuts reach = inspection.reach();
    if (need == null || reach == null || need.lag() <= reach.within().tolerance()) {
      return;
    }
    lines.add(
        "need: what was read %d steps before still tells %.4f nats about what comes next (the last: %.3f),"
                .formatted(need.lag(), need.nats(), need.nearest())
            + " but what comes from lags above %d is at most %s of the gradient -> %s"
                .formatted(reach.within().tolerance(), tolerance(), remedy()));
  }

  /// Sets are learned whole: there is no window to choose.
  private boolean isText() {
    return inspection.need() != null;
  }

  private void truncation(List<String> lines) {
    Integer least = inspection.sufficient();
    if (least != null && least < inspection.steps()) {
      lines.add(
          "truncation: windows of %d steps give gradients within %s of the exact ones%s"
              .formatted(
                  least, tolerance(), isText() ? " -> --steps " + least + " is enough" : ""));
    } else {
      lines.add(
          "truncation: no windows shorter than %d steps give gradients within %s of the exact ones: an error"
                  .formatted(inspection.steps(), tolerance())
              + " goes back to the start of its window only");
    }
  }
}
