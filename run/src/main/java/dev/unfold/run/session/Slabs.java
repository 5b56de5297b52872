package dev.unfold.run.session;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Memory outside the heap in slots of one size, which are given out and taken back.
///
/// **Memory**: slabs of a mebibyte, or of one slot where that is larger; kept until nothing refers to them.
///
/// **Threads**: any number; what is in a slot is its holder's.
final class Slabs {
  private static final long SLAB = 1L << 20;

  /// Slots begin at whole cache lines, so that two sessions share none.
  private static final long LINE = 64;

  private final long slotBytes;
  private final int slotsOfSlab;

  /// Another array once there is one more, so that holders of slots need no lock.
  private volatile MemorySegment[] slabs = {};

  private int[] free = new int[16];
  private int freeCount;
  private int given;

  Slabs(long bytes) {
    slotBytes = Math.ceilDiv(Math.max(1, bytes), LINE) * LINE;
    slotsOfSlab = (int) Math.max(1, SLAB / slotBytes);
  }

  /// A slot; its numbers are what they were.
  synchronized int take() {
    if (freeCount == 0) {
      addSlab();
    }
    given++;
    return free[--freeCount];
  }

  /// Takes one back.
  synchronized void giveBack(int slot) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = slot;
    given--;
  }

  /// Those that are given out.
  synchronized int given() {
    return given;
  }

  /// Bytes of all slabs.
  long bytes() {
    return (long) slabs.length * slotsOfSlab * slotBytes;
  }

  /// A copy of the first bytes of a slot.
  byte[] read(int slot, int count) {
    byte[] bytes = new byte[count];
    MemorySegment.copy(slabs[slot / slotsOfSlab], JAVA_BYTE, offset(slot), bytes, 0, count);
    return bytes;
  }

  /// Sets the first bytes of a slot.
  void write(int slot, byte... bytes) {
    MemorySegment.copy(bytes, 0, slabs[slot / slotsOfSlab], JAVA_BYTE, offset(slot), bytes.length);
  }

  private long offset(int slot) {
    return slot % slotsOfSlab * slotBytes;
  }

  private void addSlab() {
    int first = slabs.length * slotsOfSlab;
    MemorySegment[] more = Arrays.copyOf(slabs, slabs.length + 1);
    more[slabs.length] = Arena.ofAuto().allocate(slotsOfSlab * slotBytes, LINE);
    slabs = more;
    free = Arrays.copyOf(free, Math.max(free.length, slotsOfSlab));
    for (int i = slotsOfSlab - 1; i >= 0; i--) {
      free[freeCount++] = first + i;
    }
  }
}
