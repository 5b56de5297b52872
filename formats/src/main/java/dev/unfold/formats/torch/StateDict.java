package dev.unfold.formats.torch;

import dev.unfold.kernels.storage.HostBuffer;
import java.util.List;
import java.util.Map;

/// Tensors by name, as a module of PyTorch's gives its parameters away.
interface StateDict extends AutoCloseable {
  /// The shapes by name, in the order of the file.
  Map<String, List<Long>> shapes();

  /// How the numbers of a tensor are kept, such as `F32`.
  String dtype(String name);

  /// Sets all of `target`, row by row, rounded to its type.
  void read(String name, HostBuffer target);

  /// What the file says by [StateDictWriter#settings], as it stands there; empty if somebody else wrote it.
  Map<String, String> settings();

  @Override
  void close();
}
