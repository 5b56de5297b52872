package dev.unfold.plan;

import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;

/// What one part computes, stage by stage; not yet where.
///
/// @param part the part
/// @param stageOf the stage in which each of its nodes is computed, by rising node
/// @param stages the stages
/// @param inlined spreads that programs make by themselves, for whom what is spread has a place
record Schedule(
    Part part, SortedMap<Integer, Integer> stageOf, List<Stage> stages, BitSet inlined) {

  /// What is computed together.
  ///
  /// @param products products with a group's matrix, each named by its node; the first slice stands for its group
  /// @param programs after them: nodes that one program is to compute, by what the program computes at a time
  record Stage(List<Integer> products, SortedMap<Extent, List<Integer>> programs) {}

  /// Whether `node` is computed here in an earlier stage than `reader`, which is computed here too.
  boolean isEarlier(int node, int reader) {
    Integer stage = stageOf.get(node);
    return stage != null && stage < stageOf.get(reader);
  }
}
