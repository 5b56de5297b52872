package dev.unfold.layer;

import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LayerMemory.Cursor;
import dev.unfold.plan.Place;

/// One part's share of the rows of a step, or of many steps at once.
sealed interface Share {
  /// The first of its rows, of `rows`.
  int firstRow(int rows);

  /// How many of `rows` rows it has.
  int rowCount(int rows);

  /// What the part computes of a value, or reads at the same elements.
  Cursor own(LayerMemory memory, Place place);

  /// Which of the columns `first` to `first + count - 1` of a value of `width` the part computes.
  Span own(int width, int first, int count);

  /// Some columns, which may be none.
  record Span(int from, int count) {}

  /// A share of the rows: no part needs what another computes. The first parts have the more rows, so that a single row
  /// is the caller's, who needs no other thread for it.
  record Rows(int part, int parts) implements Share {
    /// All rows.
    static final Rows ALL = new Rows(0, 1);

    @Override
    public int firstRow(int rows) {
      return rows - Team.from(rows, parts - part, parts);
    }

    @Override
    public int rowCount(int rows) {
      return rows - Team.from(rows, parts - part - 1, parts) - firstRow(rows);
    }

    @Override
    public Cursor own(LayerMemory memory, Place place) {
      return memory.cursor(place);
    }

    @Override
    public Span own(int width, int first, int count) {
      return new Span(first, count);
    }
  }

  /// A share of the units, for all rows: `blocks` of the columns of every value. A product's operand is
  /// needed whole, so all parts meet before each product.
  record Units(Blocks blocks) implements Share {
    @Override
    public int firstRow(int rows) {
      return 0;
    }

    @Override
    public int rowCount(int rows) {
      return rows;
    }

    @Override
    public Cursor own(LayerMemory memory, Place place) {
      int width = place.width();
      return memory.cursor(place.slice(blocks.from(width), blocks.count(width)));
    }

    @Override
    public Span own(int width, int first, int count) {
      int from = Math.max(first, blocks.from(width));
      int until = Math.min(first + count, blocks.from(width) + blocks.count(width));
      return new Span(from, Math.max(0, until - from));
    }
  }
}
