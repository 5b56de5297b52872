package dev.unfold.proof;

import java.util.ArrayList;
import java.util.List;

/// All sequences of tags, for sums over them that use no algorithm.
public final class AllPaths {
  private AllPaths() {}

  /// Those of `steps` steps of `tags` tags.
  public static List<int[]> of(int tags, int steps) {
    List<int[]> all = new ArrayList<>();
    for (int path = 0; path < Math.pow(tags, steps); path++) {
      int[] own = new int[steps];
      int rest = path;
      for (int t = 0; t < steps; t++) {
        own[t] = rest % tags;
        rest /= tags;
      }
      all.add(own);
    }
    return all;
  }
}
