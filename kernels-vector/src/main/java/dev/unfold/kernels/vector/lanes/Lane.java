package dev.unfold.kernels.vector.lanes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// What the operations of the Vector API that loops are made of do to one lane: each has the name of the original and
/// takes a float for a vector of floats, an int for one of ints, a boolean for a mask.
///
/// Only what IEEE 754 or Java defines to the last bit is here, so that a lane has the bits of the vector's.
// The operators of the Vector API are constants, and loops name them in each lane.
@SuppressWarnings("ReferenceEquality")
public final class Lane {
  private Lane() {}

  public static float fromMemorySegment(
      VectorSpecies<Float> species, MemorySegment memory, long at, ByteOrder order) {
    return memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  public static void intoMemorySegment(float x, MemorySegment memory, long at, ByteOrder order) {
    memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, x);
  }

  public static float broadcast(VectorSpecies<Float> species, float x) {
    return x;
  }

  public static float fill(float x) {
    return x;
  }

  public static float neg(float x) {
    return -x;
  }

  public static float abs(float x) {
    return Math.abs(x);
  }

  public static float sqrt(float x) {
    // Rounding the root in double to float gives the root in float.
    return (float) Math.sqrt(x);
  }

  public static float add(float x, float y) {
    return x + y;
  }

  public static float sub(float x, float y) {
    return x - y;
  }

  public static float mul(float x, float y) {
    return x * y;
  }

  public static float div(float x, float y) {
    return x / y;
  }

  public static float fma(float x, float y, float z) {
    return Math.fma(x, y, z);
  }

  public static float blend(float x, float y, boolean mask) {
    return mask ? y : x;
  }

  public static boolean compare(float x, VectorOperators.Comparison relation, float y) {
    if (relation == VectorOperators.GT) {
      return x > y;
    }
    if (relation == VectorOperators.LT) {
      return x < y;
    }
    if (relation == VectorOperators.LE) {
      return x <= y;
    }
    if (relation == VectorOperators.EQ) {
      return x == y;
    }
    throw new IllegalArgumentException("relation: expected >, <, <= or ==, got " + relation);
  }

  public static int reinterpretAsInts(float x) {
    return Float.floatToRawIntBits(x);
  }

  public static float reinterpretAsFloats(int x) {
    return Float.intBitsToFloat(x);
  }

  public static int add(int x, int y) {
    return x + y;
  }

  public static int sub(int x, int y) {
    return x - y;
  }

  public static int and(int x, int y) {
    return x & y;
  }

  public static int or(int x, int y) {
    return x | y;
  }

  public static int lanewise(int x, VectorOperators.Binary shift, int y) {
    if (shift == VectorOperators.ASHR) {
      return x >> y;
    }
    if (shift == VectorOperators.LSHL) {
      return x << y;
    }
    throw new IllegalArgumentException("shift: expected ASHR or LSHL, got " + shift);
  }
}
