package dev.unfold.flow;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.unroll.tape.NetworkLayer;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/// Follows the errors of several steps back through all layers of an unrolled network side by side, each for itself,
/// over what one forward pass kept: layer by layer from above, an [ErrorBundle] in each direction.
///
/// **Shapes**: E errors of B sequences; row e*B + b of a step is error e of sequence b. With fewer than E, they are the
/// last.
///
/// **Memory**: T E B numbers for each unit between layers, twice.
///
/// **Threads**: one caller; several may share the network.
final class NetworkErrorBundle {
  /// The scales are looked after at every so many steps.
  private static final int LOOK = 4;

  private final List<NetworkLayer> layers;
  private final int steps;
  private final int batch;
  private final int errors;
  private final boolean isBidirectional;
  private final Passage passage;
  private final ScaledRows scaled;

  /// For each layer and direction.
  private final List<List<ErrorBundle>> bundles = new ArrayList<>();

  private Between above;
  private Between below;

  /// What is told at each step of each layer.
  interface Listener {
    /// Says where the errors have got to.
    ///
    /// @param layer which layer, its directions one after the other
    /// @param t the step, as the sequence counts
    /// @param first the errors from this on are told
    /// @param exponents powers p of two: the signals of error e are 2^-p times what the bundle has
    void step(int layer, ErrorBundle bundle, int t, int first, int[] exponents);
  }

  /// The derivatives between two layers at all steps, row (t*E + e)*B + b, and their scales. There are as many columns
  /// as the widest layer needs.
  private final class Between {
    final Matrix rows;
    final int[][] exponents = new int[steps][errors];

    Between(Kernels kernels, int width) {
      rows = kernels.allocate(steps * errors * batch, width);
    }

    /// The columns of a step.
    Matrix at(int t, int column, int width) {
      return rows.rows(t * errors * batch, errors * batch).columns(column, width);
    }
  }

  /// @param tape of the network: without dropout, on sequences that all have T steps
  /// @param errors E
  /// @param passage what an error may pass on its way to the step before; if not all, it comes down to lower layers
  ///     through its own step alone, which is all that rules of single layers see of it
  NetworkErrorBundle(Tape tape, Kernels kernels, int errors, Passage passage) {
    this.passage = passage;
    layers = tape.layers;
    steps = tape.packedRows.live.capacity();
    batch = tape.packedRows.live.batch();
    this.errors = errors;
    isBidirectional = layers.stream().anyMatch(layer -> layer.directions.size() > 1);
    scaled = new ScaledRows(kernels, batch);
    for (NetworkLayer layer : layers) {
      boolean wantsInput = !bundles.isEmpty();
      bundles.add(
          layer.directions.stream()
              .map(l -> new ErrorBundle(l, errors, wantsInput, passage))
              .toList());
    }
    int width = layers.stream().mapToInt(layer -> layer.output.width()).max().orElseThrow();
    above = new Between(kernels, width);
    below = layers.size() > 1 ? new Between(kernels, width) : above;
  }

  /// Lets nothing arrive from after the last step: to be called before each [#follow].
  void clear() {
    bundles.forEach(layer -> layer.forEach(ErrorBundle::clear));
  }

  /// The bundle of a layer of one direction, to put there what arrives from after the last step.
  ErrorBundle bundle(int layer) {
    return bundles.get(layer).getFirst();
  }

  /// Follows errors back to the first step.
  ///
  /// @param times their steps, ascending, up to E
  /// @param arriving dE_t/dh(t) at the uppermost layer, row t*B + b
  void follow(int[] times, Matrix arriving, Listener listener) {
    int unused = errors - times.length;
    above.rows.clear();
    Arrays.stream(above.exponents).forEach(exponents -> Arrays.fill(exponents, ScaledRows.ANY));
    Matrix uppermost = above.rows.columns(0, arriving.cols());
    for (int i = 0; i < times.length; i++) {
      above.exponents[times[i]][unused + i] = 0;
      for (int b = 0; b < batch; b++) {
        int row = (times[i] * errors + unused + i) * batch + b;
        uppermost.copyRow(arriving, times[i] * batch + b, row);
      }
    }
    int index = layers.stream().mapToInt(layer -> layer.directions.size()).sum();
    for (int l = layers.size() - 1; l >= 0; l--) {
      index -= layers.get(l).directions.size();
      for (int d = 0; d < layers.get(l).directions.size(); d++) {
        int told = index + d;
        int[] exponents = new int[errors];
        int until = isBidirectional ? steps : times[times.length - 1] + 1;
        for (int s = until - 1; s >= 0; s--) {
          int t = d == 0 ? s : steps - 1 - s;
          int first = unused + (isBidirectional ? 0 : firstAt(times, t));
          back(l, d, s, t, first, exponents);
          if (l > 0 && passage != Passage.WHOLE) {
            keepOwn(below, t, first, e -> e >= unused && times[e - unused] == t);
          }
          listener.step(told, bundles.get(l).get(d), t, first, exponents);
          if (s > 0 && s % LOOK == 0) {
            look(bundles.get(l).get(d), s - 1, first, exponents);
          }
        }
      }
      Between other = above;
      above = below;
      below = other;
    }
  }

  /// The first of `times` that is t or later.
  private static int firstAt(int[] times, int t) {
    int first = 0;
    while (first < times.length && times[first] < t) {
      first++;
    }
    return first;
  }

  /// @param s the step as the layer counts
  /// @param t as the sequence does
  private void back(int l, int d, int s, int t, int first, int[] exponents) {
    ErrorBundle bundle = bundles.get(l).get(d);
    Matrix output = bundle.outputGradient();
    int[] arrived = new int[errors];
    scaled.copy(
        above.at(t, d * output.cols(), output.cols()), above.exponents[t], output, arrived, first);
    Matrix[] carries = carries(bundle, s);
    for (int e = first; e < errors; e++) {
      int common = Math.min(arrived[e], exponents[e]);
      scaled.moveTo(common, output, arrived, e);
      moveTo(common, carries, exponents, e);
    }
    bundle.back(s, first);
    if (l > 0) {
      hand(l, d, t, first, bundle, exponents);
    }
  }

  /// Forgets what of errors of other steps came down at step t.
  private void keepOwn(Between below, int t, int first, IntPredicate isOwn) {
    Matrix rows = below.at(t, 0, below.rows.cols());
    for (int e = first; e < errors; e++) {
      if (!isOwn.test(e)) {
        rows.rows(e * batch, batch).clear();
        below.exponents[t][e] = ScaledRows.ANY;
      }
    }
  }

  /// Sees to it that what arrives at step `s` is near 1.
  private void look(ErrorBundle bundle, int s, int first, int[] exponents) {
    Matrix[] carries = carries(bundle, s);
    for (int e = first; e < errors; e++) {
      moveTo(exponents[e] + scaled.wanted(carries, e), carries, exponents, e);
    }
  }

  private static Matrix[] carries(ErrorBundle bundle, int s) {
    Matrix[] carries = new Matrix[bundle.states()];
    Arrays.setAll(carries, state -> bundle.arriving(state, s));
    return carries;
  }

  private void moveTo(int exponent, Matrix[] carries, int[] exponents, int e) {
    if (exponents[e] != exponent) {
      for (Matrix carry : carries) {
        scaled.scale(carry, e, exponent - exponents[e]);
      }
      exponents[e] = exponent;
    }
  }

  /// Hands what a layer's input gets on to the layer below.
  private void hand(int l, int d, int t, int first, ErrorBundle bundle, int[] exponents) {
    Matrix from = bundle.inputGradient();
    Matrix to = below.at(t, 0, from.cols());
    int[] scales = below.exponents[t];
    if (d == 0) {
      scaled.copy(from, exponents, to, scales, first);
      if (layers.get(l).isResidual()) {
        scaled.add(above.at(t, 0, from.cols()), above.exponents[t], to, scales, first);
      }
    } else {
      scaled.add(from, exponents.clone(), to, scales, first);
    }
  }
}
