package dev.unfold.data.series;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Columns of series in a temporary file, for panels that would fill the heap. Some pages are in memory, outside the
/// heap: a page that is asked for takes the place of the one that is there longest. The file is not mapped, so that
/// what the system keeps of it is not the process's.
///
/// A page in memory has a ticket, which says where it is and is never that of another, nor of the same page at another
/// time.
///
/// The file is gone when nothing refers to it any more, and when the process ends, however that ends.
final class NumbersFile {
  /// Bytes of the pages in memory, unless something else is said.
  private static final long USUAL = 64 << 20;

  private static final int PAGE = PagedNumbers.PAGE;
  private static final int SLOT_BITS = 20;

  private final FileChannel channel;
  private final ByteBuffer bytes;
  private final DoubleBuffer numbers;
  private final PagedNumbers[] owners;
  private final int[] pages;
  private final boolean[] areChanged;
  private int next;
  private long taken;
  private long length;

  /// @param slots for pages in memory
  ///
  /// **Errors**: [UncheckedIOException] if there can be no file.
  NumbersFile(int slots) {
    owners = new PagedNumbers[slots];
    pages = new int[slots];
    areChanged = new boolean[slots];
    bytes = ByteBuffer.allocateDirect(slots * PAGE * Double.BYTES).order(ByteOrder.nativeOrder());
    numbers = bytes.asDoubleBuffer();
    try {
      Path path = Files.createTempFile("unfold-", ".series");
      channel =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// With as much memory as is usual.
  static NumbersFile usual() {
    return new NumbersFile((int) (USUAL / (PAGE * Double.BYTES)));
  }

  /// Room for a column.
  Numbers allocate(int steps, double blank) {
    PagedNumbers column = new PagedNumbers(this, length, steps, blank);
    length += steps;
    return column;
  }

  private static int slot(long ticket) {
    return (int) ticket & ((1 << SLOT_BITS) - 1);
  }

  double at(long ticket, int index) {
    return numbers.get(slot(ticket) * PAGE + index);
  }

  void set(long ticket, int index, double number) {
    numbers.put(slot(ticket) * PAGE + index, number);
    areChanged[slot(ticket)] = true;
  }

  /// A ticket for a page, in place of another.
  private long take(PagedNumbers owner, int page) {
    int slot = next;
    next = (next + 1) % owners.length;
    if (owners[slot] != null) {
      owners[slot].leave(pages[slot], areChanged[slot]);
    }
    owners[slot] = owner;
    pages[slot] = page;
    areChanged[slot] = false;
    return ++taken << SLOT_BITS | slot;
  }

  /// Takes a page into memory that has but one number.
  long blank(PagedNumbers owner, int page, double number) {
    long ticket = take(owner, page);
    int start = slot(ticket) * PAGE;
    for (int i = start; i < start + PAGE; i++) {
      numbers.put(i, number);
    }
    return ticket;
  }

  /// Takes a page into memory that the file has at `place`.
  long read(PagedNumbers owner, int page, long place, int count) {
    long ticket = take(owner, page);
    ByteBuffer into = slice(ticket, count);
    try {
      for (long at = place * Double.BYTES; into.hasRemaining(); ) {
        int read = channel.read(into, at);
        if (read < 0) {
          throw new IOException("it is shorter than it was");
        }
        at += read;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    return ticket;
  }

  void write(long ticket, long place, int count) {
    ByteBuffer from = slice(ticket, count);
    try {
      for (long at = place * Double.BYTES; from.hasRemaining(); ) {
        at += channel.write(from, at);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private ByteBuffer slice(long ticket, int count) {
    return bytes.slice(slot(ticket) * PAGE * Double.BYTES, count * Double.BYTES);
  }

  private static UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "the temporary file for series in %s cannot be used: %s"
            .formatted(System.getProperty("java.io.tmpdir"), e.getMessage()),
        e);
  }
}
