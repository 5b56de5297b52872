package dev.unfold.tangent;

import dev.unfold.kernels.Kernels;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.plan.Plan;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The layers of a network over T steps of B sequences, with the tangents of all values along a direction of the
/// parameters and of the initial states.
final class LayersWalk {
  private final Network network;
  private final Kernels kernels;
  private final Inputs inputs;
  private final Optional<Parameters> direction;
  private final Dual input;
  private final List<LayerWalk> layers = new ArrayList<>();

  /// @param inputs of T*B rows or more
  /// @param direction of the parameters; empty if no tangents are wanted
  LayersWalk(
      Network network,
      Inputs inputs,
      Optional<Parameters> direction,
      int steps,
      int batch,
      State start) {
    this.network = network;
    this.inputs = inputs;
    this.direction = direction;
    kernels = network.kernels();
    NetworkSpec spec = network.spec();
    input = Dual.zeros(kernels, steps * batch, spec.encoder().width());
    Dual below = input;
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Plan plan = Plan.of(layer.cell(), below.value().cols(), layer.hidden());
      String suffix = Network.suffixes(spec, l).getFirst();
      LayerWalk walk =
          new LayerWalk(
              kernels,
              plan,
              below,
              network.parameters(),
              direction,
              name -> name + suffix,
              steps,
              batch);
      for (int s = 0; s < walk.states(); s++) {
        walk.initialState(s).value().copy(start.layers().get(l).get(s));
      }
      layers.add(walk);
      below = walk.output();
    }
  }

  /// From the input on.
  List<LayerWalk> all() {
    return layers;
  }

  /// What the last layer puts out, `[T*B, H]`.
  Dual output() {
    return layers.getLast().output();
  }

  void refresh() {
    layers.forEach(LayerWalk::refresh);
  }

  void forward() {
    Encoded.read(network.parameters(), inputs, kernels, input.value());
    if (inputs instanceof Inputs.Tokens) {
      direction.ifPresent(own -> Encoded.read(own, inputs, kernels, input.tangent()));
    }
    layers.forEach(LayerWalk::forward);
  }

  /// Follows derivatives with respect to the output back to all parameters, of which those that `part` says are wanted.
  List<Share> back(Dual arriving, Dual.Part part) {
    List<Share> shares = new ArrayList<>();
    Dual below = arriving;
    for (int l = layers.size() - 1; l >= 0; l--) {
      LayerWalk.Derivatives derivatives = layers.get(l).back(below);
      shares.addAll(derivatives.shares(part));
      below = derivatives.input();
    }
    if (inputs instanceof Inputs.Tokens all) {
      int[] tokens =
          Arrays.copyOfRange(all.tokens(), all.from(), all.from() + input.value().rows());
      shares.add(new Share.LookedUp(Network.EMBEDDING, tokens, below.part(part)));
    }
    return shares;
  }
}
