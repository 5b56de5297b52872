package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;

/// A window of `rows` x `cols` numbers onto a [Buffer]: the element (r, c) is the number at `offset +
/// r * stride + c`.
///
/// The width is fixed, the place and the number of rows are not: [#moveTo] slides the window along the buffer, so that
/// a loop over time walks through a `[T, B, F]` buffer with one object and allocates nothing. A stride of
/// 0 shows one row `rows` times over (a bias, say); such a matrix is only read.
///
/// Elements are read and written one by one in the host's memory alone; [#toHost] and [#copy] work with any.
///
/// **Threads**: the window itself belongs to one thread; threads that share a buffer have windows of
/// their own.
public final class Matrix {
  /// Copies of up to this many numbers are cheaper to make and to drop in the heap.
  private static final int MOST_ON_HEAP = 1 << 16;

  private final Buffer buffer;

  /// The buffer if it is the host's, else null.
  private final HostBuffer host;

  private final int cols;
  private final int stride;
  private int rows;
  private long offset;

  private Matrix(Buffer buffer, long offset, int rows, int cols, int stride) {
    this.buffer = buffer;
    host = buffer instanceof HostBuffer own ? own : null;
    this.cols = cols;
    this.stride = stride;
    moveTo(offset, rows);
  }

  /// A window that starts at `offset`, its rows `stride` numbers apart.
  public static Matrix of(Buffer buffer, long offset, int rows, int cols, int stride) {
    if (rows < 0 || cols < 0) {
      throw new Refusal("rows x cols", "0 or more", rows + " x " + cols);
    }
    if (stride != 0 && stride < cols) {
      throw new Refusal("stride", "0 or at least cols = " + cols, stride);
    }
    return new Matrix(buffer, offset, rows, cols, stride);
  }

  /// A window of rows that follow each other without gaps.
  public static Matrix of(Buffer buffer, long offset, int rows, int cols) {
    return of(buffer, offset, rows, cols, cols);
  }

  /// A copy of `rows` as floats.
  ///
  /// **Errors**: [IllegalArgumentException] if they differ in length.
  public static Matrix of(float[]... rows) {
    int cols = rows.length == 0 ? 0 : rows[0].length;
    Matrix matrix = allocate(ElementType.FLOAT32, rows.length, cols);
    for (int r = 0; r < rows.length; r++) {
      if (rows[r].length != cols) {
        throw new Refusal("rows[" + r + "]", cols + " numbers, as in the first", rows[r].length);
      }
      for (int c = 0; c < cols; c++) {
        matrix.set(r, c, rows[r][c]);
      }
    }
    return matrix;
  }

  /// A new buffer of zeros in the host's memory, seen whole.
  public static Matrix allocate(ElementType type, int rows, int cols) {
    return of(HostBuffer.allocate(type, (long) rows * cols), 0, rows, cols);
  }

  /// A matrix of zeros in the heap, [HostBuffer#onHeap].
  public static Matrix onHeap(ElementType type, int rows, int cols) {
    return of(HostBuffer.onHeap(type, Math.multiplyExact(rows, cols)), 0, rows, cols);
  }

  /// A new matrix of `rows` x `cols` zeros, of the same type and in the same memory as this.
  public Matrix alike(int rows, int cols) {
    return of(buffer.alike((long) rows * cols), 0, rows, cols);
  }

  /// One row of `cols` numbers at `offset`, seen `rows` times.
  public static Matrix repeated(Buffer buffer, long offset, int rows, int cols) {
    return of(buffer, offset, rows, cols, 0);
  }

  /// Slides the window to `offset`, and returns it.
  public Matrix moveTo(long offset) {
    return moveTo(offset, rows);
  }

  /// Slides the window to `offset`, where it shows `rows` rows, and returns it.
  public Matrix moveTo(long offset, int rows) {
    // Not offset + extent: that of a large offset is negative.
    if (offset < 0 || rows < 0 || extent(rows) > buffer.length() - offset) {
      throw new IndexOutOfBoundsException(
          "window "
              + rows
              + " x "
              + cols
              + " (stride "
              + stride
              + ") at "
              + offset
              + " leaves its buffer of "
              + buffer.length());
    }
    this.offset = offset;
    this.rows = rows;
    return this;
  }

  private long extent(int rows) {
    return rows == 0 || cols == 0 ? 0 : (rows - 1L) * stride + cols;
  }

  /// Numbers from the first element to the end of the last row; 0 if there are no elements.
  public long extent() {
    return extent(rows);
  }

  /// A new window onto `count` rows from `from` on.
  public Matrix rows(int from, int count) {
    return of(buffer, offset + (long) from * stride, count, cols, stride);
  }

  /// A new window onto `count` columns from `from` on.
  public Matrix columns(int from, int count) {
    return of(buffer, offset + from, rows, count, stride);
  }

  /// The buffer behind the window.
  public Buffer buffer() {
    return buffer;
  }

  /// The buffer behind the window, to read and write its numbers.
  ///
  /// **Errors**: [IllegalStateException] if it is not in the host's memory.
  public HostBuffer host() {
    if (host == null) {
      throw new IllegalStateException("matrix: expected one in the host's memory, got " + buffer);
    }
    return host;
  }

  /// This matrix if its memory is the host's, else a copy there: to read its numbers, or to write some and [#copy] the
  /// whole back.
  public Matrix toHost() {
    if (host != null) {
      return this;
    }
    if ((long) rows * cols > MOST_ON_HEAP) {
      return hostCopy();
    }
    Matrix copy = onHeap(buffer.type(), rows, cols);
    copy.copy(this);
    return copy;
  }

  /// A copy in the host's memory.
  public Matrix hostCopy() {
    Matrix copy = allocate(buffer.type(), rows, cols);
    copy.copy(this);
    return copy;
  }

  /// Takes over the numbers of `source`, of the same size and type and in any memory; nothing if it is this.
  ///
  /// **Errors**: [IllegalArgumentException] if it has another size or type.
  public void copy(Matrix source) {
    if (source == this) {
      return;
    }
    if (source.rows != rows || source.cols != cols) {
      throw new Refusal(
          "source", "[" + rows + ", " + cols + "]", "[" + source.rows + ", " + source.cols + "]");
    }
    if (stride == cols && source.stride == cols) {
      buffer.copy(source.buffer, source.offset, offset, (long) rows * cols);
    } else {
      for (int r = 0; r < rows; r++) {
        copyRow(source, r, r);
      }
    }
  }

  /// Takes over row `sourceRow` of `source`, which has as many columns, as row `row`.
  public void copyRow(Matrix source, int sourceRow, int row) {
    long from = source.offset + (long) sourceRow * source.stride;
    buffer.copy(source.buffer, from, offset + (long) row * stride, cols);
  }

  /// Sets all elements to zero.
  public void clear() {
    if (stride == cols) {
      buffer.clear(offset, (long) rows * cols);
    } else {
      for (int r = 0; r < rows; r++) {
        buffer.clear(offset + (long) r * stride, cols);
      }
    }
  }

  /// Whether the buffer behind it is in the heap, [HostBuffer#onHeap].
  public boolean isOnHeap() {
    return host != null && host.isOnHeap();
  }

  /// Number of rows.
  public int rows() {
    return rows;
  }

  /// Number of columns.
  public int cols() {
    return cols;
  }

  /// Numbers from the start of a row to the start of the next; 0 if all rows are one.
  public int stride() {
    return stride;
  }

  /// The place of element (0, 0) in the buffer.
  public long offset() {
    return offset;
  }

  /// Copies the numbers of a row to `into`, which has room for them.
  public void readRow(int row, double... into) {
    for (int col = 0; col < cols; col++) {
      into[col] = get(row, col);
    }
  }

  /// The numbers of a row.
  public double[] row(int row) {
    double[] all = new double[cols];
    readRow(row, all);
    return all;
  }

  /// The element (row, col).
  ///
  /// **Errors**: as [#host].
  public double get(int row, int col) {
    return host().get(offset + (long) row * stride + col);
  }

  /// Sets the element (row, col).
  ///
  /// **Errors**: as [#host].
  public void set(int row, int col, double value) {
    host().set(offset + (long) row * stride + col, value);
  }

  @Override
  public String toString() {
    return "Matrix[" + rows + " x " + cols + ", stride " + stride + ", at " + offset + "]";
  }
}
