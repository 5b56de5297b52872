package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Layout;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The parameters of one direction of a layer as plain numbers, rounded to float.
final class LayerNumbers {
  private final Layout layout;
  private final Sizes sizes;
  private final Parameters parameters;
  private final String suffix;

  LayerNumbers(Cell cell, Sizes sizes, Parameters parameters, String suffix) {
    layout = cell.layout();
    this.sizes = sizes;
    this.parameters = parameters;
    this.suffix = suffix;
  }

  Layout layout() {
    return layout;
  }

  Sizes sizes() {
    return sizes;
  }

  /// What the names of its parameters end with.
  String suffix() {
    return suffix;
  }

  /// The parameter `name` as it is, row by row.
  float[] numbers(String name) {
    return numbers(parameters.matrix(name + suffix));
  }

  static float[] numbers(Matrix matrix) {
    Matrix here = matrix.toHost();
    float[] numbers = new float[Math.multiplyExact(here.rows(), here.cols())];
    for (int row = 0; row < here.rows(); row++) {
      for (int col = 0; col < here.cols(); col++) {
        numbers[row * here.cols() + col] = (float) here.get(row, col);
      }
    }
    return numbers;
  }

  /// A matrix `[rows, cols]` with rows and columns exchanged.
  static float[] transposed(float[] numbers, int rows, int cols) {
    float[] all = new float[numbers.length];
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        all[col * rows + row] = numbers[row * cols + col];
      }
    }
    return all;
  }

  /// How many rows an affine map has.
  int rows(Expr.Affine affine) {
    return sizes.of(affine.size());
  }

  /// How many rows the matrix of `operand` has.
  int rows(Layout.Operand operand) {
    return operand.affines().stream().mapToInt(this::rows).sum();
  }

  /// How many numbers `operand` has.
  int width(Layout.Operand operand) {
    return sizes.of(operand.value().size());
  }

  /// The bias of each affine map for its share of `operand`; of a bias for each map, the share of its first operand
  /// has all.
  Map<String, double[]> biases(Layout.Operand operand) {
    Map<String, double[]> biases = new HashMap<>();
    for (CellParameter parameter : layout.parameters()) {
      boolean isOfOperand = parameter.name().equals(operand.bias());
      if (parameter.role() == CellParameter.Role.BIAS
          && (isOfOperand || parameter.name().equals("bias"))) {
        read(parameter, operand, isOfOperand, biases);
      }
    }
    return biases;
  }

  private void read(
      CellParameter parameter,
      Layout.Operand operand,
      boolean isOfOperand,
      Map<String, double[]> biases) {
    Matrix numbers = parameters.matrix(parameter.name() + suffix).toHost();
    int from = 0;
    for (CellParameter.Block block : parameter.blocks()) {
      int rows = sizes.of(block.size());
      for (Expr.Affine affine : operand.affines()) {
        boolean isFirst = affine.operands().getFirst().equals(operand.value());
        if (affine.name().equals(block.name()) && (isOfOperand || isFirst)) {
          double[] own = new double[rows];
          for (int row = 0; row < rows; row++) {
            own[row] = numbers.get(0, from + row);
          }
          biases.put(affine.name(), own);
        }
      }
      from += rows;
    }
  }

  /// The biases of `operand`'s affine maps one after the other, 0 where there is none.
  float[] bias(Layout.Operand operand) {
    return concatenated(operand.affines(), biases(operand));
  }

  /// The vectors of `affines` one after the other, 0 where there is none.
  float[] concatenated(List<Expr.Affine> affines, Map<String, double[]> vectors) {
    float[] all = new float[affines.stream().mapToInt(this::rows).sum()];
    int at = 0;
    for (Expr.Affine affine : affines) {
      double[] own = vectors.get(affine.name());
      for (int row = 0; row < rows(affine); row++) {
        all[at++] = own == null ? 0 : (float) own[row];
      }
    }
    return all;
  }
}
