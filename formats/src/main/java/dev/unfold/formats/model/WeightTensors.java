package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A network's parameters as tensors of a file, with matrices of 32 or 16 bits. Fixed point has two tensors for each
/// matrix: the integers `NAME` and the scales of its rows `NAME.scale`.
///
/// @param format of the matrices in the file
record WeightTensors(WeightFormat format) {
  private static final String SCALE = ".scale";

  private static final double LEAST_SCALE = 0x1p-60;
  private static final double MOST_SCALE = 0x1p60;

  private boolean isScaled(List<Integer> shape) {
    return format == WeightFormat.FIXED16 && shape.size() > 1;
  }

  /// The tensors to be written.
  List<Tensor> of(Parameters parameters) {
    List<Tensor> tensors = new ArrayList<>();
    for (Parameters.Tensor own : parameters.tensors()) {
      boolean isMatrix = own.shape().size() > 1;
      tensors.add(
          new Tensor(
              own.name(),
              longs(own.shape()),
              parameters.buffer(),
              own.offset(),
              isMatrix ? format : WeightFormat.FLOAT32));
      if (isScaled(own.shape())) {
        Matrix numbers = parameters.matrix(own.name()).toHost();
        HostBuffer scales = HostBuffer.allocate(ElementType.FLOAT32, own.rows());
        for (int row = 0; row < own.rows(); row++) {
          scales.set(row, format.scale(numbers, row));
        }
        tensors.add(new Tensor(own.name() + SCALE, List.of((long) own.rows()), scales, 0));
      }
    }
    return tensors;
  }

  /// Checks that the file has the tensor `name` of such a shape, before any memory is taken for it.
  ///
  /// **Errors**: [FormatException].
  void expect(SafetensorsReader reader, String name, List<Integer> shape) {
    if (isScaled(shape)) {
      reader.expectIntegers(name, longs(shape));
      reader.expect(name + SCALE, List.of((long) shape.getFirst()));
      return;
    }
    reader.expect(name, longs(shape));
    String dtype = reader.tensors().get(name).dtype();
    if (format == WeightFormat.BFLOAT16 && shape.size() > 1 && !dtype.equals("BF16")) {
      throw new FormatException(
          "%s: tensor \"%s\": expected BF16, got %s".formatted(reader.file(), name, dtype));
    }
  }

  /// The names of all tensors that a file has for parameters of these shapes.
  Set<String> names(Map<String, List<Integer>> shapes) {
    Set<String> names = new TreeSet<>(shapes.keySet());
    shapes.forEach((name, shape) -> {
      if (isScaled(shape)) {
        names.add(name + SCALE);
      }
    });
    return names;
  }

  /// Checks that a tensor's numbers are finite as `type`.
  ///
  /// **Errors**: [FormatException].
  void checkNumbers(SafetensorsReader reader, String name, List<Integer> shape, ElementType type) {
    if (isScaled(shape)) {
      // Integers are finite.
      scales(reader, name, shape.getFirst());
    } else {
      reader.checkFinite(name, type);
    }
  }

  private static HostBuffer scales(SafetensorsReader reader, String name, int rows) {
    HostBuffer scales = HostBuffer.allocate(ElementType.FLOAT32, rows);
    reader.read(name + SCALE, scales, 0);
    for (int row = 0; row < rows; row++) {
      double scale = scales.get(row);
      boolean isPower = Math.scalb(1.0, Math.getExponent(scale)) == scale;
      if (!(scale >= LEAST_SCALE && scale <= MOST_SCALE && isPower)) {
        throw new FormatException(
            "%s: tensor \"%s%s\": expected powers of two from 2^-60 to 2^60, got %s in row %d"
                .formatted(reader.file(), name, SCALE, scale, row));
      }
    }
    return scales;
  }

  /// Reads all parameters.
  ///
  /// **Errors**: [FormatException] if the file has changed since it was checked.
  void read(SafetensorsReader reader, Parameters parameters) {
    for (Parameters.Tensor tensor : parameters.tensors()) {
      if (isScaled(tensor.shape())) {
        readScaled(reader, tensor, parameters.matrix(tensor.name()));
      } else {
        reader.readFinite(tensor.name(), parameters.buffer(), tensor.offset());
      }
    }
    parameters.changed();
  }

  private static void readScaled(
      SafetensorsReader reader, Parameters.Tensor tensor, Matrix target) {
    HostBuffer scales = scales(reader, tensor.name(), tensor.rows());
    Matrix numbers = target.toHost();
    reader.readIntegers(tensor.name(), numbers.host(), numbers.offset());
    for (int row = 0; row < tensor.rows(); row++) {
      for (int col = 0; col < tensor.cols(); col++) {
        double integer = numbers.get(row, col);
        if (integer < -Short.MAX_VALUE) {
          throw new FormatException(
              "%s: tensor \"%s\": expected integers from -32767 to 32767, got %.0f in row %d"
                  .formatted(reader.file(), tensor.name(), integer, row));
        }
        numbers.set(row, col, integer * scales.get(row));
      }
    }
    target.copy(numbers);
  }

  private static List<Long> longs(List<Integer> shape) {
    return shape.stream().map(Integer::longValue).toList();
  }
}
