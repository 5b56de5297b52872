package dev.unfold.formats;

import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.net.NetworkSpec;
import dev.unfold.net.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Hidden states as safetensors files: what a stream has to keep to go on another day or in another process.
///
/// The tensors are the states by name, layer and direction, `h_l0`, `c_l0`, `h_l0_reverse`, each `[B, H]`. The
/// metadata are `format` = `unfold-state`, `format_version` = `1`, and `cell`.
public final class StateFile {
  private static final String FORMAT = "unfold-state";

  private StateFile() {}

  /// Writes the state of a network of `spec`: whole or not at all.
  ///
  /// **Errors**: [WriteException] if the file cannot be written; [IllegalArgumentException] if the state is that of
  /// another network.
  public static void save(Path path, NetworkSpec spec, State state) {
    List<Tensor> tensors = tensors("", spec, state);
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(ModelFile.FORMAT, FORMAT);
    metadata.put(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
    metadata.put(ModelFile.CELL, spec.cell().name());
    SafetensorsWriter.write(path, metadata, tensors);
  }

  /// The tensors of a state, their names with a prefix.
  static List<Tensor> tensors(String prefix, NetworkSpec spec, State state) {
    List<String> names = State.names(spec);
    List<Matrix> states = matrices(state);
    if (states.size() != names.size()) {
      throw new IllegalArgumentException(
          "state: expected %d of %s, got %d".formatted(names.size(), names, states.size()));
    }
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Matrix from = states.get(i);
      Matrix copy = Matrix.allocate(from.buffer().precision(), from.rows(), from.cols());
      for (int row = 0; row < from.rows(); row++) {
        long source = from.offset() + (long) row * from.stride();
        copy.buffer().copy(from.buffer(), source, (long) row * copy.cols(), copy.cols());
      }
      List<Long> shape = List.of((long) copy.rows(), (long) copy.cols());
      tensors.add(new Tensor(prefix + names.get(i), shape, copy.buffer(), 0));
    }
    return tensors;
  }

  /// Reads the state of a network of `spec`. All is checked before memory for it is allocated.
  ///
  /// **Errors**: [FormatException] for a file that is missing, not readable, no such file, or that of another network.
  public static State load(Path path, NetworkSpec spec, Precision precision) {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      Metadata metadata = new Metadata(path.toString(), reader.metadata());
      metadata.expect(ModelFile.FORMAT, FORMAT);
      metadata.expect(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
      metadata.expect(ModelFile.CELL, spec.cell().name());
      State state = read("", path, reader, spec, precision);
      int expected = State.names(spec).size();
      if (reader.tensors().size() != expected) {
        throw new FormatException(
            "%s: expected %d tensors, got %d".formatted(path, expected, reader.tensors().size()));
      }
      return state;
    }
  }

  /// Reads a state from tensors whose names have a prefix.
  static State read(
      String prefix, Path path, SafetensorsReader reader, NetworkSpec spec, Precision precision) {
    List<String> names = State.names(spec).stream().map(name -> prefix + name).toList();
    int batch = batch(path, reader.tensors(), names.getFirst());
    // The widths alone: a state of one sequence.
    List<Matrix> widths = matrices(State.zeros(spec, precision, 1));
    for (int i = 0; i < names.size(); i++) {
      List<Long> shape = List.of((long) batch, (long) widths.get(i).cols());
      check(path, reader.tensors(), names.get(i), shape);
    }
    State state = State.zeros(spec, precision, batch);
    List<Matrix> all = matrices(state);
    for (int i = 0; i < names.size(); i++) {
      Matrix to = all.get(i);
      Buffer read = Buffer.allocate(precision, (long) to.rows() * to.cols());
      reader.readFinite(names.get(i), read, 0);
      to.buffer().copy(read, 0, 0, read.length());
    }
    return state;
  }

  private static int batch(Path path, Map<String, TensorInfo> tensors, String name) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() != 2 || tensor.shape().getFirst() < 1) {
      throw new FormatException(
          "%s: tensor %s: expected [B, H], %s"
              .formatted(
                  path, Quote.of(name), tensor == null ? "found none" : "got " + tensor.shape()));
    }
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, tensor.shape().getFirst()));
  }

  private static void check(
      Path path, Map<String, TensorInfo> tensors, String name, List<Long> shape) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw new FormatException(
          "%s: tensor %s: expected %s, %s"
              .formatted(
                  path,
                  Quote.of(name),
                  shape,
                  tensor == null ? "found none" : "got " + tensor.shape()));
    }
  }

  private static List<Matrix> matrices(State state) {
    return state.layers().stream().flatMap(List::stream).toList();
  }
}
