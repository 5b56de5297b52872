package dev.unfold.net;

import dev.unfold.bptt.Layer;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;

/// A network's matrices laid out for the kernels, once for each change of the parameters.
final class NetworkWeights {
  final List<Layer> layers = new ArrayList<>();
  final PackedMatrix readout;
  final PackedMatrix readoutBack;

  private final Parameters parameters;
  private final Kernels kernels;
  private long packedVersion = -1;

  NetworkWeights(Kernels kernels, NetworkSpec spec, Parameters parameters) {
    this.kernels = kernels;
    this.parameters = parameters;
    for (int l = 0; l < spec.layers(); l++) {
      String suffix = Network.suffix(l);
      layers.add(
          Layer.of(
              spec.cell(),
              spec.inputSize(l),
              spec.hidden(),
              kernels,
              shape -> parameters.matrix(shape.name() + suffix)));
    }
    readout = kernels.allocatePacked(spec.outputSize(), spec.classes());
    readoutBack = kernels.allocatePacked(spec.classes(), spec.outputSize());
  }

  /// What belongs to layer `l` of `other`, numbers for the same network, in the order of its parameters.
  List<Matrix> ofLayer(int l, Parameters other) {
    String suffix = Network.suffix(l);
    return layers.get(l).shapes().stream()
        .map(shape -> other.matrix(shape.name() + suffix))
        .toList();
  }

  synchronized void refresh(Team team) {
    long version = parameters.version();
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).refresh(version, team);
    }
    if (version != packedVersion) {
      Matrix weight = parameters.matrix(Network.READOUT);
      kernels.packTransposed(weight, readout);
      kernels.pack(weight, readoutBack);
      packedVersion = version;
    }
  }
}
