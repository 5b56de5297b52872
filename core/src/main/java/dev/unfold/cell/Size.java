package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import java.util.stream.Stream;

/// How many numbers a value has, as a letter that stands for a number known only when a network is built; or a matrix
/// for each head, see [#matrices].
///
/// @param letter the dimension's letter in documentation and messages; of matrices the letters of all three
/// @param grid what matrices are made of; null for all else
public record Size(String letter, Grid grid) {
  /// I, the width of a cell's input.
  public static final Size INPUT = new Size("I");

  /// H, the number of hidden units.
  public static final Size HIDDEN = new Size("H");

  /// 1: one number that is the same for all units.
  public static final Size ONE = new Size("1");

  /// N, the number of heads: 1 unless [Cell#withSize] says otherwise.
  public static final Size HEADS = new Size("N");

  /// The sizes of matrices, those of all heads together.
  ///
  /// @param rows the rows of all matrices
  /// @param columns the columns of all matrices
  /// @param heads how many matrices; it divides both
  public record Grid(Size rows, Size columns, Size heads) {}

  /// Checks the letter.
  public Size {
    if (grid == null && !letter.matches("1|[A-Z][A-Za-z0-9]*")) {
      throw new Refusal("size", "a capital letter and letters or digits", "'" + letter + "'");
    }
  }

  /// A size of one letter.
  public Size(String letter) {
    this(letter, null);
  }

  /// A size of the cell's own, such as P for a projection: H/2, rounded up, unless [Cell#withSize] says
  /// otherwise. N are heads ([#HEADS]).
  ///
  /// **Errors**: [IllegalArgumentException] if `letter` is I, H, or no letter.
  public static Size own(String letter) {
    Size size = new Size(letter);
    if (!size.isOwn()) {
      throw new IllegalArgumentException("size " + letter + ": the letter is taken");
    }
    return size;
  }

  /// A matrix for each head, one after the other, each row by row: R `rows` and C `columns` are cut into N `heads`
  /// blocks, which leaves `[R/N, C/N]` for each.
  ///
  /// **Errors**: [IllegalArgumentException] if one of them is a size of matrices.
  public static Size matrices(Size rows, Size columns, Size heads) {
    for (Size size : new Size[] {rows, columns, heads}) {
      if (size.isOfMatrices()) {
        throw new Refusal("matrices", "sizes of a letter", size);
      }
    }
    String per = heads.equals(ONE) ? "" : "/" + heads.letter;
    String first = heads.equals(ONE) ? "" : heads.letter + ", ";
    return new Size(
        first + rows.letter + per + ", " + columns.letter + per, new Grid(rows, columns, heads));
  }

  /// Whether it is that of matrices.
  public boolean isOfMatrices() {
    return grid != null;
  }

  /// Whether it is neither I, H nor 1, nor that of matrices.
  public boolean isOwn() {
    return grid == null && !equals(INPUT) && !equals(HIDDEN) && !equals(ONE);
  }

  /// The sizes of a letter that it is made of: itself, or those of matrices.
  Stream<Size> letters() {
    return grid == null ? Stream.of(this) : Stream.of(grid.rows, grid.columns, grid.heads);
  }

  @Override
  public String toString() {
    return "[" + letter + "]";
  }
}
