package dev.unfold.formats.safetensors;

import java.util.Map;

/// What the header of a safetensors file says.
///
/// @param metadata texts by key, in the order of the file
/// @param tensors the tensors by name, in the order of the file
record Header(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
  /// The key among the tensors that stands for the metadata.
  static final String METADATA = "__metadata__";

  /// No header is longer, as in the format's reference implementation.
  static final long LONGEST = 100_000_000;

  /// Bytes before the header, which are its length.
  static final int PREFIX = 8;
}
