package dev.unfold.data.source;

import java.util.function.LongSupplier;

/// Refuses what memory has no room for before it is asked for, since running out of memory would
/// take the whole process along and name no file.
///
/// @param available bytes that can still be allocated
public record Heap(LongSupplier available) {
  /// The heap of this process.
  public static final Heap OF_PROCESS = new Heap(Heap::free);

  /// Throws if there is no room for `bytes` more, which are for `purpose`.
  public void require(long bytes, String purpose) {
    if (bytes <= available.getAsLong()) {
      return;
    }
    // What nobody refers to any more counts as used until it is collected.
    System.gc();
    long room = available.getAsLong();
    if (bytes > room) {
      throw new DataException(
          "%s: needs %s of heap, %s is free; give Java more (-Xmx) or use less text"
              .formatted(purpose, megabytes(bytes), megabytes(room)));
    }
  }

  private static long free() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }

  private static String megabytes(long bytes) {
    return "%d MB".formatted((bytes + 999_999) / 1_000_000);
  }
}
