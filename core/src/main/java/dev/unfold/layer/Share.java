package dev.unfold.layer;

import dev.unfold.kernels.storage.PackedMatrix;
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

  /// The columns of a right-hand side that go with [#own].
  PackedMatrix own(PackedMatrix packed);

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
    public PackedMatrix own(PackedMatrix packed) {
      return packed;
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
    public PackedMatrix own(PackedMatrix packed) {
      return packed.columns(blocks.from(packed.cols()), blocks.count(packed.cols()));
    }
  }
}
