package dev.unfold.data.series;

import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLongArray;

/// Numbers in a [NumbersFile], of which some pages are in memory.
final class PagedNumbers implements Numbers {
  private static final int SHIFT = 10;

  /// Numbers of a page.
  static final int PAGE = 1 << SHIFT;

  private final NumbersFile file;
  private final long offset;
  private final int length;
  private final double blank;

  /// The ticket of each page; 0 for those that are not in memory.
  private final AtomicLongArray tickets;

  /// Pages that the file has; the others are blank.
  private final BitSet written;

  /// @param offset of the first number in the file, in numbers
  /// @param blank what all are before they are set
  PagedNumbers(NumbersFile file, long offset, int length, double blank) {
    this.file = file;
    this.offset = offset;
    this.length = length;
    this.blank = blank;
    int count = Math.ceilDiv(length, PAGE);
    tickets = new AtomicLongArray(count);
    written = new BitSet(count);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public double at(int step) {
    int page = step >>> SHIFT;
    while (true) {
      long ticket = ticket(page);
      double number = file.at(ticket, step & (PAGE - 1));
      // If the page went meanwhile, the number may be one of another page.
      VarHandle.loadLoadFence();
      if (tickets.get(page) == ticket) {
        return number;
      }
    }
  }

  @Override
  public void set(int step, double number) {
    file.set(ticket(step >>> SHIFT), step & (PAGE - 1), number);
  }

  private long ticket(int page) {
    long ticket = tickets.get(page);
    return ticket == 0 ? load(page) : ticket;
  }

  private long load(int page) {
    synchronized (file) {
      long there = tickets.get(page);
      if (there != 0) {
        return there;
      }
      long ticket =
          written.get(page)
              ? file.read(this, page, place(page), size(page))
              : file.blank(this, page, blank);
      tickets.set(page, ticket);
      return ticket;
    }
  }

  /// Lets a page be in the file alone.
  ///
  /// @param isChanged whether it is another there
  void leave(int page, boolean isChanged) {
    if (isChanged) {
      file.write(tickets.get(page), place(page), size(page));
      written.set(page);
    }
    tickets.set(page, 0);
    // Whoever sees numbers of another page in its place has to see that it has left.
    VarHandle.storeStoreFence();
  }

  private long place(int page) {
    return offset + ((long) page << SHIFT);
  }

  private int size(int page) {
    return Math.min(PAGE, length - (page << SHIFT));
  }
}
