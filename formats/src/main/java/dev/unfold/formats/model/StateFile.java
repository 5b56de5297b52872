package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.TensorInfo;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Hidden states as safetensors files: what a stream has to keep to go on another day or in another process.
///
/// The tensors are the states by name, layer and direction, `h_l0`, `c_l0`, `h_l0_reverse`, each `[B, H]`. The
/// metadata are `format` = `unfold-state`, `format_version` = `1`, and `cell`.
public final class StateFile {
  private static final String FORMAT = "unfold-state";

  /// The longest array that every Java makes.
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private StateFile() {}

  /// Writes the state of a network of `spec`: whole or not at all.
  ///
  /// **Errors**: [WriteException] if the file cannot be written; [IllegalArgumentException] if the state is that of
  /// another network.
  public static void save(Path path, NetworkSpec spec, State state) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(state, "state: expected one, got null");
    SafetensorsWriter.write(path, metadata(spec), tensors("", spec, state));
  }

  /// The bytes that [#save] would write.
  ///
  /// **Errors**: [IllegalArgumentException] if the state is that of another network.
  public static byte[] bytes(NetworkSpec spec, State state) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(state, "state: expected one, got null");
    return SafetensorsWriter.bytes(metadata(spec), tensors("", spec, state));
  }

  private static Map<String, String> metadata(NetworkSpec spec) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(ModelFile.FORMAT, FORMAT);
    metadata.put(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
    metadata.put(ModelFile.CELL, spec.cellNames());
    return metadata;
  }

  /// The tensors of a state, their names with a prefix.
  static List<Tensor> tensors(String prefix, NetworkSpec spec, State state) {
    List<String> names = State.names(spec);
    List<Matrix> states = matrices(state);
    if (states.size() != names.size()) {
      throw new Refusal("state", "%d of %s".formatted(names.size(), names), states.size());
    }
    int batch = state.batch();
    List<Matrix> alike = matrices(State.zeros(spec, Precision.FLOAT, 1));
    for (int i = 0; i < names.size(); i++) {
      int rows = states.get(i).rows();
      int cols = states.get(i).cols();
      int width = alike.get(i).cols();
      if (batch < 1 || rows != batch || cols != width) {
        throw Refusal.within(
            "state",
            names.get(i),
            "[%d, %d]".formatted(Math.max(1, batch), width),
            "[%d, %d]".formatted(rows, cols));
      }
    }
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Matrix from = states.get(i);
      Matrix copy = from.hostCopy();
      List<Long> shape = List.of((long) copy.rows(), (long) copy.cols());
      tensors.add(new Tensor(prefix + names.get(i), shape, copy.buffer(), 0));
    }
    return tensors;
  }

  /// Reads the state of a network of `spec`. All is checked before memory for it is allocated.
  ///
  /// **Errors**: [FormatException] for a file that is missing, not readable, no such file, or that of another network.
  public static State load(Path path, NetworkSpec spec, Precision precision) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(precision, "precision: expected FLOAT or DOUBLE, got null");
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      return read(reader, spec, precision);
    }
  }

  /// The same of a file's bytes.
  ///
  /// @param name what messages call them
  public static State read(String name, byte[] bytes, NetworkSpec spec, Precision precision) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(precision, "precision: expected FLOAT or DOUBLE, got null");
    try (SafetensorsReader reader = SafetensorsReader.of(name, bytes)) {
      return read(reader, spec, precision);
    }
  }

  private static State read(SafetensorsReader reader, NetworkSpec spec, Precision precision) {
    String file = reader.file();
    Metadata metadata = new Metadata(file, reader.metadata());
    metadata.expect(ModelFile.FORMAT, FORMAT);
    metadata.expect(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
    metadata.expect(ModelFile.CELL, spec.cellNames());
    State state = read("", Path.of(file), reader, spec, precision);
    int expected = State.names(spec).size();
    if (reader.tensors().size() != expected) {
      throw new FormatException(
          "%s: expected %d tensors, got %d".formatted(file, expected, reader.tensors().size()));
    }
    return state;
  }

  /// Reads a state from tensors whose names have a prefix.
  static State read(
      String prefix, Path path, SafetensorsReader reader, NetworkSpec spec, Precision precision) {
    List<String> names = State.names(spec).stream().map(name -> prefix + name).toList();
    long batch = batch(path, reader.tensors(), names.getFirst());
    // The widths alone: a state of one sequence.
    List<Matrix> widths = matrices(State.zeros(spec, precision, 1));
    for (int i = 0; i < names.size(); i++) {
      int width = widths.get(i).cols();
      reader.expect(names.get(i), List.of(batch, (long) width));
      if (batch > LARGEST / width) {
        throw new FormatException(
            "%s: tensor %s: expected at most %d numbers, got [%d, %d]"
                .formatted(path, Quote.of(names.get(i)), LARGEST, batch, width));
      }
    }
    State state = State.zeros(spec, precision, (int) batch);
    List<Matrix> all = matrices(state);
    for (int i = 0; i < names.size(); i++) {
      reader.readFinite(names.get(i), all.get(i).buffer(), 0);
    }
    return state;
  }

  private static long batch(Path path, Map<String, TensorInfo> tensors, String name) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() != 2 || tensor.shape().getFirst() < 1) {
      throw new FormatException(
          "%s: tensor %s: expected [B, H], %s"
              .formatted(
                  path, Quote.of(name), tensor == null ? "found none" : "got " + tensor.shape()));
    }
    return tensor.shape().getFirst();
  }

  private static List<Matrix> matrices(State state) {
    return state.layers().stream().flatMap(List::stream).toList();
  }
}
