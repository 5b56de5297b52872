package dev.unfold.unroll.tape;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.head.Losses;
import dev.unfold.unroll.head.Pool;
import dev.unfold.unroll.head.Readout;
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
  public final Readout readout;

  /// What makes one vector of each sequence for the readout; null if each step is read out.
  public final Pool pool;

  public final Backward backward;

  private final Network network;
  private final NetworkWeights weights;
  private final Team team;
  private final Losses targets;

  /// What is read out or pooled.
  private final Sequence read;

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
    read = below.values();
    pool = pool(read.width());
    PackedRows outputs = pool == null ? packedRows : pool.rows();
    readout = new Readout(network, weights, team, pool == null ? below : pool.sequences(), outputs);
    int given = live.capacity() * live.batch();
    targets = new Losses(outputs, given, network.kernels(), network.spec().head());
    backward =
        new Backward(
            network, packedRows, input, layers, states, readout, pool, below, outputDropout);
  }

  private Pool pool(int width) {
    return network
        .spec()
        .head()
        .pooled()
        .map(own -> new Pool(network, own, packedRows.live.batch(), width))
        .orElse(null);
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

  /// The same on the rows of `inputs` that are there.
  public void runLayers(Inputs inputs) {
    input.read(inputs);
    runLayers();
  }

  /// Sets the outputs of all steps, or of all sequences.
  public void readOut() {
    pool();
    readout.forward();
  }

  /// The same, unless some of them are enough for the loss with `of`.
  public void readOut(Targets of) {
    pool();
    readout.forward(of);
  }

  private void pool() {
    if (pool != null) {
      pool.start(packedRows);
      addTo(pool, 0);
    }
  }

  /// Adds these steps, from step `from` of a batch on, to what is pooled of it.
  public void addTo(Pool all, int from) {
    all.take(packedRows, from, read);
  }

  /// The loss for what the readout has.
  ///
  /// @param losses for E_t, in the caller's rows
  public double loss(Targets of, Reduction reduction, double[] losses) {
    check(of);
    targets.take(of, reduction);
    return targets.sum(readout.loss(of, targets), 0, losses);
  }

  /// The same; a loss of sequence b counts `weights[b]`.
  public double loss(Targets of, double[] weights, double[] losses) {
    check(of);
    targets.take(of, weights);
    return targets.sum(readout.loss(of, targets), 0, losses);
  }

  private void check(Targets of) {
    if (pool != null) {
      pool.check(network.spec().head(), of);
    }
  }

  /// Computes the losses of a batch's sequences of what is pooled, and follows them back to that.
  ///
  /// @param counts what a loss of each sequence counts
  /// @return the sum
  public double lossOfPooled(Targets of, double[] counts, double[] losses, Parameters to) {
    readout.forward(of);
    double sum = loss(of, counts, losses);
    backward.outputs(to);
    return sum;
  }

  /// Follows what [#lossOfPooled] has left in `from` and `arriving` back.
  public void backFrom(Pool from, State arriving, Parameters to) {
    states.setLastGradient(arriving);
    backward.part(to, from);
    states.copyInitialGradient(arriving);
  }

  /// Computes the losses of the whole batch's targets, and follows them and `arriving` back.
  ///
  /// @param counts what a loss of each sequence counts
  /// @param start what the sum of the losses begins with
  /// @param losses for E_t, in the whole batch's rows
  /// @return the sum
  public double lossAndBackward(
      Targets of, double[] counts, double start, double[] losses, State arriving, Parameters to) {
    readout.forward(of);
    targets.take(of, counts);
    double sum = targets.sum(readout.loss(of, targets), start, losses);
    states.setLastGradient(arriving);
    backward.part(to, null);
    states.copyInitialGradient(arriving);
    return sum;
  }

  /// What each E_t alone sends back, after [#loss].
  public ErrorSignals errorSignals() {
    return new PairwiseErrors(network, weights, packedRows, layers, readout, backward).signals();
  }
}
