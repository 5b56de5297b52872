package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.vector.lanes.Lanes;
import jdk.incubator.vector.FloatVector;

/// The numbers that a tile computes with, as its code names them.
///
/// @param vector a vector of them
/// @param number one of them, which is primitive
/// @param lanes the class whose constant `SPECIES` says how many are in a vector of [Lanes#BYTES]
record Element(Class<?> vector, Class<?> number, Class<?> lanes) {
  static final Element FLOAT = new Element(FloatVector.class, float.class, Lanes.class);
}
