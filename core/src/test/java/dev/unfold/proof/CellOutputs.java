package dev.unfold.proof;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// A cell by itself, from states of zeros: outputs, and the derivatives of their sum with given weights.
final class CellOutputs implements GoldenProof {
  private final Cell cell;
  private final int steps;
  private final int batch;
  private final int width;
  private final int hidden;
  private final GoldenTensor input;
  private final GoldenTensor output;
  private final GoldenTensor outputWeights;
  private final Map<String, GoldenTensor> params;
  private final Map<String, GoldenTensor> gradients;
  private final GoldenTensor inputGradient;

  CellOutputs(GoldenCase golden) {
    golden.expectOnly(
        "name",
        "cell",
        "T",
        "B",
        "I",
        "H",
        "params",
        "input",
        "output",
        "output_weights",
        "loss",
        "grads",
        "grad_input");
    String name = golden.text("cell");
    if (!Cells.names().contains(name)) {
      throw new Unsupported("cell: there is no " + name);
    }
    cell = Cells.named(name).withBias(Bias.PER_AFFINE);
    steps = golden.size("T");
    batch = golden.size("B");
    width = golden.size("I");
    hidden = golden.size("H");
    input = golden.tensor("input", steps, batch, width);
    output = golden.tensor("output", steps, batch, hidden);
    outputWeights = golden.tensor("output_weights", steps, batch, hidden);
    params = joined(golden.tensors("params"));
    gradients = joined(golden.tensors("grads"));
    inputGradient = golden.tensor("grad_input", steps, batch, width);
    Set<String> own =
        Layer.shapes(cell, width, hidden).stream()
            .map(ParameterShape::name)
            .collect(Collectors.toCollection(HashSet::new));
    if (!own.equals(params.keySet()) || !own.equals(gradients.keySet())) {
      throw new Unsupported("params: expected " + own + ", got " + params.keySet());
    }
  }

  /// The rows of gates that have a matrix and a bias of their own there behind those of `weight_ih` and `bias`, in the
  /// order of the file, which is that of the library's rows.
  private static Map<String, GoldenTensor> joined(Map<String, GoldenTensor> tensors) {
    Map<String, GoldenTensor> all = new LinkedHashMap<>(tensors);
    for (String name : tensors.keySet()) {
      if (name.matches("(weight|bias)_[a-gi-z]")) {
        String whole = name.startsWith("weight") ? "weight_ih" : "bias";
        all.put(whole, all.get(whole).and(all.remove(name)));
      }
    }
    return all;
  }

  @Override
  public String kind() {
    return cell.name();
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Layer layer =
        Layer.of(
            cell,
            width,
            hidden,
            kernels,
            parameter -> {
              Matrix matrix = kernels.allocate(parameter.rows(), parameter.cols());
              params.get(parameter.name()).copyTo(matrix);
              return matrix;
            });
    int rows = steps * batch;
    Sequence x = Sequence.allocate(kernels, rows, width);
    Sequence ofInput = Sequence.allocate(kernels, rows, width);
    input.copyTo(x.rows(rows));
    Team team = Team.of(2);
    UnrolledLayer unrolled = new UnrolledLayer(layer, team, x, ofInput, steps, batch);
    outputWeights.copyTo(unrolled.outputGradient().rows(rows));
    layer.refresh(1, team);
    unrolled.forward();
    comparison.compare("output", output, unrolled.output().rows(rows));
    List<Matrix> got = new ArrayList<>();
    layer.shapes().forEach(shape -> got.add(kernels.allocate(shape.rows(), shape.cols())));
    unrolled.backward(got);
    for (int p = 0; p < got.size(); p++) {
      String name = layer.shapes().get(p).name();
      comparison.compare("grads." + name, gradients.get(name), got.get(p));
    }
    comparison.compare("grad_input", inputGradient, ofInput.rows(rows));
  }
}
