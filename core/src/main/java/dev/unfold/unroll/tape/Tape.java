package dev.unfold.unroll.tape;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Noise;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.head.Aim;
import dev.unfold.unroll.head.HeadTapes;
import dev.unfold.unroll.mask.Dropout;
import dev.unfold.unroll.mask.Masks;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// All parts of a network unrolled over T steps, with what a forward pass keeps in them, and the passes over them. Who
/// calls sees to the order: `UnrolledNetwork` for a batch, `BudgetedBptt` for parts of a longer one.
///
/// **Memory**: that of its parts, allocated when it is made; what a kind of targets needs, when the first of them come.
///
/// **Threads**: one caller at a time.
public final class Tape {
  public final PackedRows packedRows;
  public final NetworkInput input;
  public final List<NetworkLayer> layers = new ArrayList<>();
  public final NetworkStates states;
  public final HeadTapes heads;
  public final Backward backward;

  /// Null if sequences start from zeros.
  private final Starts starts;

  private final Network network;
  private final NetworkWeights weights;
  private final Team team;

  /// Null if there is none.
  private final Dropout outputDropout;

  /// Which random masks count.
  private long draw;

  public Tape(Network network, NetworkWeights weights, Noise noise, Team team, LiveRows live) {
    this.network = network;
    this.weights = weights;
    this.team = team;
    packedRows = new PackedRows(live);
    input = new NetworkInput(network, packedRows);
    Sequences below = input.sequences();
    int count = network.spec().layers();
    for (int l = 0; l < count; l++) {
      boolean residual = network.spec().stack().get(l).has(Wiring.RESIDUAL);
      Dropout dropout = dropout(noise, l, below);
      NetworkLayer layer =
          new NetworkLayer(
              weights.layers.get(l), network.kernels(), team, packedRows, below, dropout, residual);
      layers.add(layer);
      below = new Sequences(layer.output, layer.outputGradient);
    }
    outputDropout = dropout(noise, count, below);
    below = outputDropout == null ? below : outputDropout.sequences();
    List<UnrolledLayer> directions = layers.stream().flatMap(l -> l.directions.stream()).toList();
    List<Cell> cells =
        network.spec().stack().stream()
            .flatMap(layer -> Collections.nCopies(layer.directions(), layer.cell()).stream())
            .toList();
    states = new NetworkStates(cells, directions, packedRows, network.kernels());
    heads = new HeadTapes(network, weights, team, packedRows, below);
    starts = network.spec().start().map(own -> new Starts(network, own, packedRows)).orElse(null);
    backward =
        new Backward(
            network, packedRows, input, layers, states, heads, below, outputDropout, starts);
  }

  /// Null if nothing is left out before layer `l`, or the readout.
  private Dropout dropout(Noise noise, int l, Sequences below) {
    double rate = noise.before(l, network.spec().layers());
    return rate == 0
        ? null
        : new Dropout(
            network.kernels(),
            packedRows,
            below,
            Mask.dropout(rate, noise.rhythm()),
            Masks.purpose(l, 0));
  }

  /// Lets the random masks be those of draw `draw` from now on.
  public void drawMasks(long draw) {
    this.draw = draw;
  }

  /// Is from now on the part of `whole` from step `from` on, as long as there is room for.
  public void arrange(PackedRows whole, int from) {
    packedRows.set(whole, from);
    backward.moveTo(from);
  }

  /// Runs the layers, without the readout, on what the input has.
  public void runLayers() {
    weights.refresh(team);
    states.arrange();
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).forward(draw, l);
    }
    if (outputDropout != null) {
      outputDropout.forward(draw);
    }
  }

  /// Lets new sequences start from what `inputs`, which were read, have of what never changes.
  public void start(Inputs inputs) {
    if (starts != null && states.areNew()) {
      states.start(starts, inputs);
    }
  }

  /// The same on the rows of `inputs` that are there.
  public void runLayers(Inputs inputs) {
    input.read(inputs);
    start(inputs);
    runLayers();
  }

  /// Adds the losses of what is pooled of a batch's sequences to `sums`, and follows them back to that.
  ///
  /// @param weights what a loss of each sequence counts
  /// @param sums for each head
  /// @param losses for E_t, in the whole batch's rows
  public void pooledLoss(
      Targets of, double[] weights, double[] sums, double[] losses, NetworkGradients to) {
    heads.pooledLoss(of, weights, sums, losses, to);
  }

  /// Adds the losses of these steps to `sums`, and follows them, what `pooled` has left in the steps' sequences, and
  /// `arriving` back.
  public void lossAndBackward(
      Targets of,
      double[] weights,
      double[] sums,
      double[] losses,
      HeadTapes pooled,
      State arriving,
      NetworkGradients to) {
    heads.stepLoss(of, weights, new Aim.Gradients(to), sums, losses);
    states.setLastGradient(arriving);
    backward.part(to, pooled, GradientListener.NOBODY);
    states.copyInitialGradient(arriving);
  }

  /// What each E_t alone sends back, after the loss of [#heads].
  public ErrorSignals errorSignals() {
    return new PairwiseErrors(network, weights, packedRows, layers, heads, backward).signals();
  }
}
