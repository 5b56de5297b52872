package dev.unfold.layer;

import dev.unfold.kernels.work.Team;

/// How columns are split among threads: in blocks of `alignment`, the last of which may be smaller. A part may be
/// empty if there are few blocks.
///
/// @param part whose columns
/// @param parts how many there are
/// @param alignment the backend's, [dev.unfold.kernels.Kernels#alignment]
record Blocks(int part, int parts, int alignment) {
  /// The first of the part's columns, of `width`.
  int from(int width) {
    return from(width, part);
  }

  /// How many the part has of `width`.
  int count(int width) {
    return from(width, part + 1) - from(width, part);
  }

  private int from(int width, int index) {
    int blocks = (width + alignment - 1) / alignment;
    return Math.min(width, alignment * Team.from(blocks, index, parts));
  }
}
