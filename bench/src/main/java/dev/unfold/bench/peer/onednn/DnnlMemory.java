package dev.unfold.bench.peer.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Numbers of a primitive.
///
/// @param descriptor shape and layout
/// @param memory oneDNN's object
/// @param data the numbers themselves
record DnnlMemory(MemorySegment descriptor, MemorySegment memory, MemorySegment data) {
  /// For plain layouts.
  DnnlMemory set(float[] values) {
    MemorySegment source = MemorySegment.ofArray(values);
    if (source.byteSize() != data.byteSize()) {
      throw new IllegalArgumentException(
          "values: expected " + data.byteSize() / 4 + ", got " + values.length);
    }
    data.copyFrom(source);
    return this;
  }

  /// For plain layouts.
  float[] get() {
    return data.toArray(ValueLayout.JAVA_FLOAT);
  }
}
