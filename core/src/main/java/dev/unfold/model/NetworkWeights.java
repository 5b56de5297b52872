package dev.unfold.model;

import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;

/// A network's matrices laid out for the kernels, once for each change of the parameters.
public final class NetworkWeights {
  /// For each layer one for each direction.
  public final List<List<Layer>> layers = new ArrayList<>();

  /// For each head its readout's.
  public final List<ReadoutWeights> readouts;

  private final NetworkSpec spec;
  private final Parameters parameters;
  private final Kernels kernels;
  private final WeightFormat format;

  /// @param format of the matrices for the way forward
  /// @param equations those of a layer for the cell that `spec` has there, which has the same parameters
  public NetworkWeights(
      Kernels kernels,
      WeightFormat format,
      NetworkSpec spec,
      UnaryOperator<Cell> equations,
      Parameters parameters) {
    this.kernels = kernels;
    this.format = format;
    this.spec = spec;
    this.parameters = parameters;
    IdentityHashMap<Cell, Cell> cells = new IdentityHashMap<>();
    for (int l = 0; l < spec.layers(); l++) {
      int layer = l;
      Cell cell = cells.computeIfAbsent(spec.stack().get(l).cell(), equations);
      layers.add(
          Network.suffixes(spec, l).stream().map(suffix -> layer(cell, layer, suffix)).toList());
    }
    readouts =
        spec.heads().stream()
            .map(head -> new ReadoutWeights(kernels, head, spec.outputSize(), format, parameters))
            .toList();
  }

  private Layer layer(Cell cell, int l, String suffix) {
    return Layer.of(
        cell,
        spec.inputSize(l),
        spec.stack().get(l).hidden(),
        kernels,
        format,
        shape -> parameters.matrix(shape.name() + suffix));
  }

  /// What belongs to layer `l` of `other`, numbers for the same network: for each direction, in the order of its
  /// parameters.
  public List<List<Matrix>> ofLayer(int l, Parameters other) {
    return Network.suffixes(spec, l).stream()
        .map(suffix ->
            layers.get(l).getFirst().shapes().stream()
                .map(shape -> other.matrix(shape.name() + suffix))
                .toList())
        .toList();
  }

  public synchronized void refresh(Team team) {
    long version = parameters.version();
    for (int l = 0; l < layers.size(); l++) {
      for (int d = 0; d < layers.get(l).size(); d++) {
        layers.get(l).get(d).refresh(version, team);
      }
    }
  }
}
