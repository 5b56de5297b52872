package dev.unfold.online;

import dev.unfold.cell.Cell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Precision;
import dev.unfold.layer.Coupling;
import dev.unfold.layer.Layer;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.NetworkSpec;

/// How much memory an online rule takes beside the network unrolled over one step, known before any of it is allocated:
/// what is kept of J, and the errors of a step that are followed back. Objects and what a thread needs are not counted.
///
/// **Units**: bytes.
public final class OnlineFootprint {
  private final NetworkSpec spec;
  private final int batch;

  private OnlineFootprint(NetworkSpec spec, int batch) {
    this.spec = spec;
    this.batch = batch;
  }

  /// What [OnlineGradient#of] allocates for `rule`, about.
  ///
  /// @param batch B
  public static long of(NetworkSpec spec, Precision precision, int batch, OnlineRule rule) {
    OnlineFootprint footprint = new OnlineFootprint(spec, batch);
    double numbers = footprint.influence(rule) + footprint.errors(rule);
    return (long) (numbers * precision.type().bytes());
  }

  /// In double: the product of three sizes may be more than a `long` holds.
  private double influence(OnlineRule rule) {
    int layers = spec.layers();
    double states = states(0, layers);
    double parameters = parameters(0, layers);
    return switch (rule) {
      case OnlineRule.Rtrl own when layers > 1 && !own.isLayerwise() -> whole(states, parameters);
      case OnlineRule.Rtrl _ -> {
        double sum = 0;
        for (int l = 0; l < layers; l++) {
          sum += ofLayer(l);
        }
        yield sum;
      }
      // As if all states were reached: where zeros are, the shapes don't say.
      case OnlineRule.SnApN _ -> whole(states, parameters);
      case OnlineRule.SnAp1 _, OnlineRule.EProp _, OnlineRule.Rflo _ -> {
        double sum = 0;
        for (int l = 0; l < layers; l++) {
          sum += traces(l);
        }
        yield sum;
      }
      case OnlineRule.Immediate _ -> 0;
      case OnlineRule.Uoro _ -> (batch + 1) * (states + parameters) + states * states;
      case OnlineRule.KfRtrl _ ->
          (batch + 2) * states * states + batch * (spec.inputSize(0) + states + 1);
    };
  }

  /// As small as its cell lets it be.
  private double ofLayer(int l) {
    if (coupling(l).isDiagonal()) {
      return traces(l);
    }
    int heads = coupling(l).separateHeads();
    double whole = whole(states(l, l + 1) / heads, parameters(l, l + 1));
    // Blocks are there before and after a step.
    return heads > 1 ? 2 * whole : whole;
  }

  private double whole(double states, double parameters) {
    return batch * (states + 1) * parameters;
  }

  private double traces(int l) {
    return (double) batch * cell(l).recurrences().size() * parameters(l, l + 1);
  }

  /// Rows of errors, each as wide as what a layer keeps for a step.
  private double errors(OnlineRule rule) {
    double numbers = 0;
    for (int l = 0; l < spec.layers(); l++) {
      double rows =
          switch (rule) {
            case OnlineRule.Immediate _ -> 0;
            case OnlineRule.Rtrl own when own.isLayerwise() || spec.layers() == 1 -> followed(l);
            case OnlineRule.Rtrl _, OnlineRule.SnApN _, OnlineRule.Uoro _, OnlineRule.KfRtrl _ ->
                states(0, spec.layers());
            case OnlineRule.SnAp1 _, OnlineRule.EProp _, OnlineRule.Rflo _ ->
                cell(l).recurrences().size() + 1;
          };
      LayerSpec layer = spec.stack().get(l);
      Layer.Widths widths = Layer.widths(layer.cell(), spec.inputSize(l), layer.hidden());
      numbers += rows * UnrolledLayer.numbers(widths, 1, batch);
    }
    return numbers;
  }

  private Cell cell(int l) {
    return spec.stack().get(l).cell();
  }

  private Coupling coupling(int l) {
    return Coupling.of(cell(l), spec.inputSize(l), spec.stack().get(l).hidden());
  }

  /// States whose errors are followed back in a layer by itself.
  private double followed(int l) {
    return coupling(l).isDiagonal()
        ? cell(l).recurrences().size() + 1
        : states(l, l + 1) / coupling(l).separateHeads();
  }

  private double states(int from, int to) {
    double sum = 0;
    for (int l = from; l < to; l++) {
      LayerSpec layer = spec.stack().get(l);
      for (Cell.Recurrence recurrence : layer.cell().recurrences()) {
        sum += layer.sizes(spec.inputSize(l)).of(recurrence.state().size());
      }
    }
    return sum;
  }

  private double parameters(int from, int to) {
    double sum = 0;
    for (int l = from; l < to; l++) {
      LayerSpec layer = spec.stack().get(l);
      for (ParameterShape shape : Layer.shapes(layer.cell(), spec.inputSize(l), layer.hidden())) {
        sum += (double) shape.rows() * shape.cols();
      }
    }
    return sum;
  }
}
