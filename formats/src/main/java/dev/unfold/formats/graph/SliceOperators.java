package dev.unfold.formats.graph;

import java.util.Arrays;
import java.util.Map;

/// Operators that take some of the numbers, or put others around them.
final class SliceOperators {
  private SliceOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("Slice", Operator.of(1, 5, SliceOperators::slice));
    all.put("Gather", Operator.of(2, 2, SliceOperators::gather));
    all.put("GatherElements", Operator.of(2, 2, SliceOperators::gatherElements));
    all.put("Pad", Operator.of(1, 4, SliceOperators::pad));
    all.put("ReverseSequence", Operator.of(2, 2, SliceOperators::reverseSequence));
  }

  private static GraphTensor slice(Call call) {
    GraphTensor of = call.input(0);
    long[] starts = call.wholes(1, "starts");
    long[] ends = call.wholes(2, "ends");
    long[] axes = call.wholes(3, "axes");
    long[] steps = call.wholes(4, "steps");
    if (starts == null || ends == null || starts.length != ends.length) {
      throw call.refuse("starts, ends", "as many of both", "others");
    }
    if (axes == null) {
      axes = new long[starts.length];
      Arrays.setAll(axes, d -> d);
    }
    if (axes.length != starts.length || (steps != null && steps.length != starts.length)) {
      throw call.refuse("axes, steps", "as many as starts, " + starts.length, "others");
    }
    call.axes(axes, of.rank());
    int[] shape = of.sizes().clone();
    int[] strides = Places.strides(of.sizes());
    long first = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], of.rank());
      int size = of.size(axis);
      long step = steps == null ? 1 : steps[i];
      if (step == 0 || step == Long.MIN_VALUE) {
        throw call.refuse("steps", "numbers other than 0", step);
      }
      long from = place(starts[i], size, step > 0 ? 0 : -1);
      long until = place(ends[i], size, step > 0 ? 0 : -1);
      if (step < 0) {
        from = Math.min(from, size - 1L);
      }
      long count = step > 0 ? Math.ceilDiv(until - from, step) : Math.ceilDiv(from - until, -step);
      shape[axis] = (int) Math.max(0, count);
      first += Math.max(0, from) * strides[axis];
      // Of one number no neighbour is looked for, and the step may be huge.
      strides[axis] = shape[axis] < 2 ? 0 : (int) (strides[axis] * step);
    }
    return of.at(Places.of(shape, strides, (int) first), shape);
  }

  /// A place counted from the end if it is negative, brought into bounds.
  private static long place(long place, int size, long least) {
    long counted = place < 0 ? Math.max(place, -size - 1L) + size : place;
    return Math.max(least, Math.min(counted, size));
  }

  private static GraphTensor gather(Call call) {
    GraphTensor of = call.input(0);
    GraphTensor which = call.input(1);
    int axis = call.axis(call.whole("axis", 0), of.rank());
    if (which.type().isReal() || which.type() == NumberType.BOOL) {
      throw call.refuse("indices", "whole numbers", which);
    }
    int[] shape = new int[call.rank(of.rank() - 1 + which.rank())];
    System.arraycopy(of.sizes(), 0, shape, 0, axis);
    System.arraycopy(which.sizes(), 0, shape, axis, which.rank());
    System.arraycopy(of.sizes(), axis + 1, shape, axis + which.rank(), of.rank() - axis - 1);
    int[] places = new int[call.room(shape)];
    int inner = Places.product(of.sizes(), axis + 1, of.rank());
    int outer = Places.product(of.sizes(), 0, axis);
    int size = of.size(axis);
    int next = 0;
    for (int o = 0; o < outer; o++) {
      for (int w = 0; w < which.count(); w++) {
        long index = which.whole(w) < 0 ? which.whole(w) + size : which.whole(w);
        if (index < 0 || index >= size) {
          throw call.refuse("indices", "from %d to %d".formatted(-size, size - 1), which.whole(w));
        }
        for (int i = 0; i < inner; i++) {
          places[next++] = (o * size + (int) index) * inner + i;
        }
      }
    }
    return of.at(places, shape);
  }

  private static GraphTensor gatherElements(Call call) {
    GraphTensor of = call.input(0);
    GraphTensor which = call.input(1);
    int axis = call.axis(call.whole("axis", 0), of.rank());
    boolean fits = !which.type().isReal() && which.rank() == of.rank();
    for (int d = 0; fits && d < of.rank(); d++) {
      fits = d == axis || which.size(d) <= of.size(d);
    }
    if (!fits) {
      throw call.refuse("indices", "whole numbers in a shape within that of " + of, which);
    }
    int[] strides = Places.strides(of.sizes());
    int stride = strides[axis];
    strides[axis] = 0;
    int[] places = Places.of(which.sizes(), strides, 0);
    int size = of.size(axis);
    for (int i = 0; i < places.length; i++) {
      long index = which.whole(i) < 0 ? which.whole(i) + size : which.whole(i);
      if (index < 0 || index >= size) {
        throw call.refuse("indices", "from %d to %d".formatted(-size, size - 1), which.whole(i));
      }
      places[i] += (int) index * stride;
    }
    return of.at(places, which.sizes());
  }

  private static GraphTensor pad(Call call) {
    GraphTensor of = call.input(0);
    long[] pads =
        call.wholes(1, call.node().attributes().containsKey("paddings") ? "paddings" : "pads");
    String mode = call.text("mode", "constant");
    long[] axes = call.has(3) ? call.wholes(3, "") : all(of.rank());
    call.axes(axes, of.rank());
    if (pads == null || pads.length != 2 * axes.length) {
      throw call.refuse("pads", 2 * axes.length + " numbers", pads == null ? "none" : pads.length);
    }
    int[] before = new int[of.rank()];
    int[] shape = of.sizes().clone();
    for (int i = 0; i < axes.length; i++) {
      int axis = call.axis(axes[i], of.rank());
      long most = Integer.MAX_VALUE;
      if (Math.abs(pads[i]) > most || Math.abs(pads[axes.length + i]) > most) {
        throw call.refuse("pads", "numbers within 2^31", Arrays.toString(pads));
      }
      before[axis] = (int) pads[i];
      shape[axis] = call.size("pads", shape[axis] + pads[i] + pads[axes.length + i]);
    }
    GraphTensor filling = call.has(2) ? call.input(2) : null;
    if (filling != null && (filling.count() != 1 || filling.type() != of.type())) {
      throw call.refuse("constant_value", "one number of " + of.type(), filling);
    }
    int count = call.room(shape);
    double[] reals = new double[of.type().isReal() ? count : 0];
    long[] wholes = new long[of.type().isReal() ? 0 : count];
    Arrays.fill(reals, filling == null ? call.real("value", 0) : filling.real(0));
    Arrays.fill(wholes, filling == null ? 0 : filling.whole(0));
    int[] strides = Places.strides(of.sizes());
    int[] at = new int[shape.length];
    for (int i = 0; i < count; i++) {
      int place = 0;
      for (int d = 0; d < shape.length && place >= 0; d++) {
        long source = source(call, mode, (long) at[d] - before[d], of.size(d));
        place = source < 0 ? -1 : place + (int) source * strides[d];
      }
      if (place >= 0) {
        if (of.type().isReal()) {
          reals[i] = of.real(place);
        } else {
          wholes[i] = of.whole(place);
        }
      }
      ShapeOperators.next(at, shape);
    }
    return of.type().isReal()
        ? GraphTensor.ofReals(of.type(), shape, reals)
        : GraphTensor.ofWholes(of.type(), shape, wholes);
  }

  private static long[] all(int rank) {
    long[] axes = new long[rank];
    Arrays.setAll(axes, d -> d);
    return axes;
  }

  /// Where the number of a place comes from; -1 for outside.
  private static long source(Call call, String mode, long place, int size) {
    if (place >= 0 && place < size) {
      return place;
    }
    return switch (mode) {
      case "constant" -> -1;
      case "edge" -> size == 0 ? -1 : Math.max(0, Math.min(size - 1L, place));
      case "wrap" -> size == 0 ? -1 : Math.floorMod(place, size);
      case "reflect" -> {
        if (size < 2) {
          yield size - 1;
        }
        long period = 2L * (size - 1);
        long within = Math.floorMod(place, period);
        yield Math.min(within, period - within);
      }
      default -> throw call.refuse("mode", "constant, edge, wrap or reflect", mode);
    };
  }

  private static GraphTensor reverseSequence(Call call) {
    GraphTensor of = call.input(0);
    int batchAxis = call.axis(call.whole("batch_axis", 1), of.rank());
    int timeAxis = call.axis(call.whole("time_axis", 0), of.rank());
    if (batchAxis + timeAxis != 1) {
      throw call.refuse("batch_axis, time_axis", "0 and 1", batchAxis + " and " + timeAxis);
    }
    GraphTensor lengths = call.shaped(1, "lengths", of.size(batchAxis));
    int steps = of.size(timeAxis);
    int inner = Places.product(of.sizes(), 2, of.rank());
    int[] places = new int[of.count()];
    for (int row = 0; row < of.size(0) * of.size(1); row++) {
      int first = row / of.size(1);
      int second = row % of.size(1);
      int time = timeAxis == 0 ? first : second;
      long length = lengths.whole(timeAxis == 0 ? second : first);
      if (length < 0 || length > steps) {
        throw call.refuse("lengths", "from 0 to T=" + steps, length);
      }
      int from = time < length ? (int) length - 1 - time : time;
      int fromRow = timeAxis == 0 ? from * of.size(1) + second : first * of.size(1) + from;
      for (int i = 0; i < inner; i++) {
        places[row * inner + i] = fromRow * inner + i;
      }
    }
    return of.at(places, of.sizes());
  }
}
