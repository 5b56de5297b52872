package dev.unfold.bptt;

import dev.unfold.bptt.LayerMemory.Cursor;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.Team;
import dev.unfold.plan.Place;

/// One thread's share of a step, or of many steps at once.
sealed interface Share {
  /// Whether it has any work.
  boolean isEmpty();

  /// What the thread reads of a product's operand.
  Cursor operand(LayerMemory memory, Place place);

  /// What it computes, or reads at the same elements.
  Cursor own(LayerMemory memory, Place place);

  /// The columns of a right-hand side that go with [#own].
  PackedMatrix own(PackedMatrix packed);

  /// `count` rows from `from` on, counted from the first of a step: nobody needs what another thread computes.
  record Rows(int from, int count) implements Share {
    /// The part-th of `parts` shares of `rows` rows.
    static Rows of(int rows, int part, int parts) {
      int from = Team.from(rows, part, parts);
      return new Rows(from, Team.from(rows, part + 1, parts) - from);
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

  /// A share of the units, for all `rows` rows: `blocks` of the columns of every value. A product's operand is
  /// needed whole, so the threads of `team` wait for each other before each product.
  record Units(Blocks blocks, int rows, Team team) implements Share {
    @Override
    public boolean isEmpty() {
      return false;
    }

    @Override
    public Cursor operand(LayerMemory memory, Place place) {
      return memory.cursor(place, 0, rows);
    }

    @Override
    public Cursor own(LayerMemory memory, Place place) {
      int width = place.width();
      return memory.cursor(place.slice(blocks.from(width), blocks.count(width)), 0, rows);
    }

    @Override
    public PackedMatrix own(PackedMatrix packed) {
      return packed.columns(blocks.from(packed.cols()), blocks.count(packed.cols()));
    }
  }
}
