package dev.unfold.unroll.tape;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter.Role;
import dev.unfold.cell.Mask;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.mask.Dropout;
import dev.unfold.unroll.mask.Masks;
import java.util.ArrayList;
import java.util.List;

/// The weights that a network is trained with: laid out for the equations with masks, and with parts of the recurrent
/// matrices left out if that is wanted.
///
///     U' = M U        dE/dU = M dE/dU'
public final class TrainedWeights {
  private final Network network;
  private final NetworkWeights weights;
  private final Mask mask;

  /// The parameters with parts left out, and what is collected for them; null if nothing is.
  private final Parameters dropped;

  private final Parameters collected;

  /// The masks of each recurrent matrix, in the order of [#matrices].
  private final List<Matrix> masks = new ArrayList<>();

  private final List<String> matrices = new ArrayList<>();
  private long draw;
  private long appliedDraw = -1;
  private long appliedVersion = -1;

  public TrainedWeights(Network network) {
    network.weightFormat().expectFloat();
    this.network = network;
    NetworkSpec spec = network.spec();
    Noise noise = spec.noise();
    Parameters parameters = network.parameters();
    boolean drops = noise.weights() > 0;
    mask = Mask.dropout(noise.weights(), Mask.Rhythm.ALL_STEPS);
    dropped = drops ? parameters.copy() : null;
    collected = drops ? parameters.zeros() : null;
    weights =
        noise.hasOwnLayers()
            ? new NetworkWeights(
                network.kernels(),
                WeightFormat.FLOAT32,
                spec,
                noise::training,
                drops ? dropped : parameters)
            : network.weights();
    if (drops) {
      findMatrices(spec);
    }
  }

  private void findMatrices(NetworkSpec spec) {
    for (int l = 0; l < spec.layers(); l++) {
      Cell cell = spec.stack().get(l).cell();
      for (String suffix : Network.suffixes(spec, l)) {
        cell.layout().parameters().stream()
            .filter(parameter -> parameter.role() == Role.RECURRENT_WEIGHT)
            .forEach(parameter -> matrices.add(parameter.name() + suffix));
      }
    }
    for (String name : matrices) {
      Matrix like = dropped.matrix(name);
      masks.add(network.kernels().allocate(like.rows(), like.cols()));
    }
  }

  /// What the layers are made of.
  public NetworkWeights weights() {
    return weights;
  }

  /// Lets draw `draw` count from the next [#begin] on.
  public void draw(long draw) {
    this.draw = draw;
  }

  /// Where the derivatives for `gradients` are to be collected, before [#end].
  public Parameters begin(Parameters gradients) {
    if (dropped == null) {
      return gradients;
    }
    long version = network.parameters().version();
    if (draw != appliedDraw || version != appliedVersion) {
      dropped.set(network.parameters());
      for (int i = 0; i < masks.size(); i++) {
        Matrix drawn = masks.get(i);
        long key = Masks.key(draw, Masks.purpose(Integer.MAX_VALUE, i));
        Masks.fill(drawn, mask, key);
        multiply(dropped.matrix(matrices.get(i)), drawn);
      }
      appliedDraw = draw;
      appliedVersion = version;
    }
    collected.buffer().clear();
    return collected;
  }

  /// Adds what was collected.
  public void end(Parameters gradients) {
    if (dropped == null) {
      return;
    }
    for (int i = 0; i < masks.size(); i++) {
      multiply(collected.matrix(matrices.get(i)), masks.get(i));
    }
    network
        .kernels()
        .prepare(Pointwise.of(Pointwise.Op.ADD))
        .run(new Matrix[] {gradients.all(), collected.all()});
  }

  private void multiply(Matrix target, Matrix factor) {
    network.kernels().prepare(Dropout.MULTIPLY).run(new Matrix[] {target, target, factor});
  }
}
