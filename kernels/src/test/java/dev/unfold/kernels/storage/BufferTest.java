package dev.unfold.kernels.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BufferTest {
  @ParameterizedTest
  @EnumSource(Precision.class)
  void allocate_anyLength_isZeroedAndAligned(Precision precision) {
    for (int length : new int[] {0, 1, 15, 1000}) {
      HostBuffer buffer = HostBuffer.allocate(precision.type(), length);
      assertEquals(length, buffer.length());
      assertEquals(0, buffer.segment().address() % Buffer.ALIGNMENT);
      assertEquals((long) length * precision.type().bytes(), buffer.segment().byteSize());
      assertArrayEquals(new double[length], buffer.toArray());
    }
  }

  @Test
  void allocate_negativeLength_namesIt() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> HostBuffer.allocate(ElementType.FLOAT32, -1));
    assertEquals("length: expected 0 or more, got -1", thrown.getMessage());
  }

  @Test
  void set_float_roundsToFloat() {
    HostBuffer buffer = HostBuffer.of(ElementType.FLOAT32, 0.1, 2);
    assertArrayEquals(new double[] {0.1f, 2}, buffer.toArray());
    assertEquals(0.1, HostBuffer.of(ElementType.FLOAT64, 0.1).get(0));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void getAndSet_outsideTheBuffer_throw(Precision precision) {
    HostBuffer buffer = HostBuffer.allocate(precision.type(), 3);
    for (long index : new long[] {-1, 3}) {
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.get(index));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.set(index, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void clear_aPart_leavesTheRest(Precision precision) {
    HostBuffer buffer = HostBuffer.of(precision.type(), 1, 2, 3, 4);
    buffer.clear(1, 2);
    assertArrayEquals(new double[] {1, 0, 0, 4}, buffer.toArray());
    buffer.clear();
    assertArrayEquals(new double[4], buffer.toArray());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void copy_aPart_leavesTheRest(Precision precision) {
    HostBuffer buffer = HostBuffer.of(precision.type(), 1, 2, 3, 4);
    buffer.copy(HostBuffer.of(precision.type(), 5, 6, 7), 1, 0, 2);
    assertArrayEquals(new double[] {6, 7, 3, 4}, buffer.toArray());
  }

  @Test
  void copy_otherPrecision_namesBoth() {
    HostBuffer buffer = HostBuffer.allocate(ElementType.FLOAT32, 1);
    HostBuffer source = HostBuffer.allocate(ElementType.FLOAT64, 1);
    var thrown = assertThrows(IllegalArgumentException.class, () -> buffer.copy(source, 0, 0, 1));
    assertTrue(thrown.getMessage().contains("expected FLOAT32, got FLOAT64"), thrown.getMessage());
  }

  /// More than 2^31 bytes: a place that was computed in ints would wrap around.
  @Test
  void clear_partBeyondTwoGibibytes_checksBounds() {
    HostBuffer buffer = HostBuffer.allocate(ElementType.FLOAT32, 4);
    assertThrows(IndexOutOfBoundsException.class, () -> buffer.clear(1L << 30, 1));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void onHeap_anyLength_isZeroedAndHasNoAddress(Precision precision) {
    HostBuffer buffer = HostBuffer.onHeap(precision.type(), 7);
    assertTrue(buffer.isOnHeap());
    assertArrayEquals(new double[7], buffer.toArray());
    var thrown = assertThrows(IllegalStateException.class, buffer::address);
    assertEquals(
        "buffer: expected one outside the heap, got Buffer[" + precision.type() + ", 7, on heap]",
        thrown.getMessage());
    HostBuffer outside = HostBuffer.allocate(precision.type(), 7);
    assertFalse(outside.isOnHeap());
    assertEquals(outside.segment().address(), outside.address());
  }

  @Test
  void onHeap_negativeLength_namesIt() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> HostBuffer.onHeap(ElementType.FLOAT32, -1));
    assertEquals("length: expected 0 or more, got -1", thrown.getMessage());
  }
}
