package dev.unfold.bptt;

import dev.unfold.bptt.LayerMemory.Cursor;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.Team;
import dev.unfold.plan.Place;

/// One thread's share of a step.
sealed interface Share {
  /// Whether it has any work.
  boolean isEmpty();

  /// What the thread reads of a product's operand.
  Cursor operand(LayerMemory memory, Place place);

  /// What it computes, or reads at the same elements.
  Cursor own(LayerMemory memory, Place place);

  /// The columns of a right-hand side that go with [#own].
  PackedMatrix own(PackedMatrix packed);

  /// `count` rows of the batch from `from` on: nobody needs what another thread computes.
  record Rows(int from, int count) implements Share {
    /// The part-th of `parts` shares of `batch` rows.
    static Rows of(int batch, int part, int parts) {
      int from = Team.from(batch, part, parts);
      return new Rows(from, Team.from(batch, part + 1, parts) - from);
    }

    @Override
    public boolean isEmpty() {
      return count == 0;
    }

    @Override
    public Cursor operand(LayerMemory memory, Place place) {
      return memory.cursor(place, from, count);
    }

    @Override
    public Cursor own(LayerMemory memory, Place place) {
      return memory.cursor(place, from, count);
    }

    @Override
    public PackedMatrix own(PackedMatrix packed) {
      return packed;
    }
  }

  /// The part-th of `parts` shares of the units, for all rows of the batch: the columns of every value, from a
  /// multiple of `alignment` on. A product's operand is needed whole, so the threads wait for each other before
  /// each product.
  record Units(int part, int parts, int alignment) implements Share {
    private int from(int width, int index) {
      int blocks = (width + alignment - 1) / alignment;
      return Math.min(width, alignment * Team.from(blocks, index, parts));
    }

    private int count(int width) {
      return from(width, part + 1) - from(width, part);
    }

    @Override
    public boolean isEmpty() {
      return false;
    }

    @Override
    public Cursor operand(LayerMemory memory, Place place) {
      return memory.cursor(place, 0, memory.batch);
    }

    @Override
    public Cursor own(LayerMemory memory, Place place) {
      return memory.cursor(
          place.slice(from(place.width(), part), count(place.width())), 0, memory.batch);
    }

    @Override
    public PackedMatrix own(PackedMatrix packed) {
      return packed.columns(from(packed.cols(), part), count(packed.cols()));
    }
  }
}
