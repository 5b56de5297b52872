package dev.unfold.layer;

import dev.unfold.plan.Stage;
import java.util.List;

/// One part's share of what is computed of the input alone, for the rows of a number of steps at once. The methods are
/// told which steps these are, by the first and the number of their rows; all of them have the same sequences.
final class Chunk {
  private final Strides prologue;
  private final Split split;

  /// @param rows the most rows that it is told
  /// @param part whose share
  /// @param parts how many there are
  Chunk(Layer layer, LayerMemory memory, int rows, int part, int parts) {
    List<Stage> stages = layer.plan().forward().prologue();
    split = Split.ofChunk(layer, stages, rows, parts);
    prologue = strides(layer, memory, stages, Phase.INPUT_PRODUCT, new Size(rows, part, parts));
  }

  /// The most rows of a chunk, and whose share of them.
  record Size(int rows, int part, int parts) {}

  /// The stages of a chunk that are done for all its rows at once.
  static Strides strides(
      Layer layer, LayerMemory memory, List<Stage> stages, Phase phase, Size size) {
    Split split = Split.ofChunk(layer, stages, size.rows, size.parts);
    Share share = split.share(layer, size.part, size.parts);
    return new Strides(layer, memory, stages, share, new Strides.Timing(phase, phase));
  }

  /// What the parts split of [#runPrologue].
  Split split() {
    return split;
  }

  /// How many phases [#runPrologue] has: none if nothing depends on the input alone.
  int prologuePhases() {
    return prologue.phases(1);
  }

  /// Computes, for the steps from `t` on, what depends on their input alone.
  void runPrologue(int phase, int t, int rows, PhaseClock clock) {
    prologue.run(phase, t, 1, 1, rows, clock);
  }
}
