package dev.unfold.gradient;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Precision;
import dev.unfold.layer.Layer;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.online.OnlineFootprint;
import dev.unfold.online.OnlineGradient;
import dev.unfold.unroll.head.Readout;
import java.util.List;

/// How much memory it takes to find gradients, in bytes, known before any of it is allocated. Numbers and
/// indices of each row and step are counted; objects whose number does not depend on T are not, nor targets that are
/// distributions or numbers, K more for each row, or tags, K (K + 2) for each sequence.
///
/// **Units**: bytes.
public final class Footprint {
  /// No machine has as many bytes, and a `long` counts several times as many.
  private static final double MOST = 1e18;

  private Footprint() {}

  /// What [Bptt#of] allocates with this engine, or about what [OnlineGradient#of] does.
  ///
  /// **Errors**: [IllegalArgumentException] as [Bptt#of]; and for sizes that no machine has memory for.
  public static long of(
      NetworkSpec spec, Precision precision, int steps, int batch, Engine engine) {
    engine.expectUsable(spec);
    expectCountable(spec, precision, steps, batch);
    if (engine instanceof Engine.Budgeted budgeted) {
      MemoryBudget budget = MemoryBudget.of(spec, precision, steps, batch, budgeted.bytes());
      return of(spec, precision, steps, batch, budget);
    }
    if (engine instanceof Engine.Online online) {
      long step = ofUnrolled(spec, precision, 1, batch) + 2 * ofState(spec, precision, batch);
      return step + OnlineFootprint.of(spec, precision, batch, online.rule(spec, 1));
    }
    long unrolled = ofUnrolled(spec, precision, steps, batch) + ofTied(spec, precision);
    if (engine instanceof Engine.Truncated) {
      // The derivatives of input and initial state, summed over the windows.
      long input = (long) steps * batch * spec.encoder().width() * precision.type().bytes();
      return unrolled + input + ofState(spec, precision, batch);
    }
    return unrolled;
  }

  /// The least budget of [Engine.Budgeted], in bytes, that is enough.
  ///
  /// **Errors**: [IllegalArgumentException] if no budget can be had, as [Bptt#of] says.
  public static long leastBudget(NetworkSpec spec, Precision precision, int steps, int batch) {
    new Engine.Budgeted(1).expectUsable(spec);
    expectCountable(spec, precision, steps, batch);
    return MemoryBudget.least(spec, precision, steps, batch);
  }

  /// About how many times the time of full back-propagation an engine takes, counting that a backward pass costs two
  /// forward passes: with a budget for the parts that are computed again, truncated for the backward passes through k2
  /// of each k1 steps. NaN for an online rule, whose time is not a matter of a few passes.
  ///
  /// **Errors**: [IllegalArgumentException] if a budget is too small.
  public static double relativeTime(
      NetworkSpec spec, Precision precision, int steps, int batch, Engine engine) {
    return switch (engine) {
      case Engine.Full full -> 1;
      case Engine.Truncated cut -> {
        int reach = Math.min(cut.truncation().reach(), steps);
        int window = Math.min(cut.truncation().window(), steps);
        yield (1 + 2 * (double) reach / window) / 3;
      }
      case Engine.Budgeted budget ->
          MemoryBudget.of(spec, precision, steps, batch, budget.bytes()).relativeTime();
      // Rules and cells differ by powers of their sizes.
      case Engine.Online _ -> Double.NaN;
    };
  }

  /// Since no part grows faster than T or B, a whole is at most T B times that of one step of one sequence.
  private static void expectCountable(NetworkSpec spec, Precision precision, int steps, int batch) {
    double most = (double) LiveRows.rows(steps, batch) * ofUnrolled(spec, precision, 1, 1);
    if (most > MOST) {
      throw new Refusal(
          "steps, batch",
          "sizes for less than %.0e bytes".formatted(MOST),
          "T=%d and B=%d for about %.0e".formatted(steps, batch, most));
    }
  }

  /// What the loss from a sample of the classes takes beside the rest, if `drawn` are drawn for batches of `rows` = T*B
  /// rows.
  public static long ofSample(NetworkSpec spec, Precision precision, int rows, int drawn) {
    long count = Math.min((long) rows + drawn, spec.outputs());
    long numbers = count * (rows + 4L * spec.outputSize() + 2);
    return numbers * precision.type().bytes() + Integer.BYTES * ((long) rows + spec.outputs());
  }

  /// What a budget is spent on.
  static long of(NetworkSpec spec, Precision precision, int steps, int batch, MemoryBudget budget) {
    long tapes = 1L + budget.schedule().mostTapes(budget.segments());
    long states = budget.schedule().mostStates(budget.segments());
    return ofBudgeted(spec, precision, steps, batch)
        + tapes * ofUnrolled(spec, precision, budget.segmentSteps(), batch)
        + states * ofState(spec, precision, batch);
  }

  /// A network unrolled over T steps.
  static long ofUnrolled(NetworkSpec spec, Precision precision, int steps, int batch) {
    long rows = (long) steps * batch;
    boolean vectors = spec.encoder() instanceof Encoder.Vectors;
    long numbers = rows * spec.encoder().width() * (vectors ? 3 : 2);
    long perRow = (long) Integer.BYTES * spec.encoder().categories().size();
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Cell cell = spec.noise().training(layer.cell());
      int input = spec.inputSize(l);
      int directions = layer.directions();
      long own = UnrolledLayer.numbers(Layer.widths(cell, input, layer.hidden()), steps, batch);
      numbers += directions * own;
      if (directions > 1) {
        numbers += 2 * rows * input;
      }
      if (directions > 1 || layer.has(Wiring.RESIDUAL)) {
        numbers += 2 * rows * spec.outputSize(l);
      }
    }
    for (int l = 0; l <= spec.layers(); l++) {
      numbers += spec.noise().before(l, spec.layers()) > 0 ? 3 * rows * spec.inputSize(l) : 0;
    }
    numbers += ofState(spec, precision, batch) / precision.type().bytes();
    List<NetworkHead> heads = spec.heads();
    for (NetworkHead head : heads) {
      boolean isPooled = !head.head().isOfSteps();
      numbers += Readout.numbers(head.head(), isPooled ? batch : rows, spec.outputSize());
      numbers += isPooled ? 3L * batch * spec.outputSize() : 0;
    }
    // What each but the first sends back, and its losses, scales and classes.
    numbers += (heads.size() - 1) * rows * spec.outputSize();
    perRow += (heads.size() - 1) * (2L * Double.BYTES + Integer.BYTES);
    if (spec.factored().isPresent()) {
      long groups = spec.factored().orElseThrow().groups();
      long size = spec.factored().orElseThrow().groupSize();
      long width = spec.outputSize();
      numbers += rows * (groups + size + 2 * width) + 2 * width * (groups + spec.outputs());
      perRow += 4 * Integer.BYTES + 2 * Double.BYTES;
    }
    // Losses of the readout and of the caller, scales; classes, the caller's rows.
    perRow += 3 * Double.BYTES + 2 * Integer.BYTES;
    perRow += spec.directions() > 1 ? Integer.BYTES : 0;
    return numbers * precision.type().bytes() + rows * perRow + LiveRows.bytes(steps, batch);
  }

  /// What the embedding gives to a matrix that the readout has too, summed by itself.
  private static long ofTied(NetworkSpec spec, Precision precision) {
    long numbers = spec.has(Wiring.TIED) ? (long) spec.outputs() * spec.encoder().width() : 0;
    return numbers * precision.type().bytes();
  }

  /// The states of all layers for B sequences.
  public static long ofState(NetworkSpec spec, Precision precision, int batch) {
    long numbers = 0;
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Sizes sizes = layer.sizes(spec.inputSize(l));
      for (Cell.Recurrence recurrence : layer.cell().recurrences()) {
        numbers += (long) layer.directions() * sizes.of(recurrence.state().size());
      }
    }
    return numbers * batch * precision.type().bytes();
  }

  /// What a budgeted engine has beside tapes and states: where the rows of all steps are, and their losses.
  static long ofBudgeted(NetworkSpec spec, Precision precision, int steps, int batch) {
    long rows = (long) steps * batch;
    long states = 4 * ofState(spec, precision, batch);
    return rows * (Integer.BYTES + Double.BYTES)
        + LiveRows.bytes(steps, batch)
        + states
        + ofTied(spec, precision);
  }
}
