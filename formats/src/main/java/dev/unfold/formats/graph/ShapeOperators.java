package dev.unfold.formats.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Operators that move numbers and change none.
final class ShapeOperators {
  private ShapeOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("Identity", Operator.of(1, 1, call -> call.input(0)));
    all.put("Dropout", new Operator(1, 3, 2, ShapeOperators::dropout));
    all.put("Reshape", Operator.of(1, 2, ShapeOperators::reshape));
    all.put("Flatten", Operator.of(1, 1, ShapeOperators::flatten));
    all.put("Squeeze", Operator.of(1, 2, ShapeOperators::squeeze));
    all.put("Unsqueeze", Operator.of(1, 2, ShapeOperators::unsqueeze));
    all.put("Transpose", Operator.of(1, 1, ShapeOperators::transpose));
    all.put("Concat", Operator.of(1, Operator.MANY, ShapeOperators::concat));
    all.put("Split", new Operator(1, 2, Operator.MANY, ShapeOperators::split));
    all.put("Shape", Operator.of(1, 1, ShapeOperators::shape));
    all.put("Size", Operator.of(1, 1, ShapeOperators::size));
    all.put("Expand", Operator.of(2, 2, ShapeOperators::expand));
    all.put("Tile", Operator.of(2, 2, ShapeOperators::tile));
    all.put("Range", Operator.of(3, 3, ShapeOperators::range));
    all.put("ConstantOfShape", Operator.of(1, 1, ShapeOperators::constantOfShape));
  }

  /// What dropout is when nothing is trained: nothing.
  private static List<GraphTensor> dropout(Call call) {
    if (call.has(2) && call.input(2).count() > 0 && call.input(2).whole(0) != 0) {
      throw call.refuse("training_mode", "false: it is not trained here", "true");
    }
    GraphTensor of = call.input(0);
    long[] kept = new long[call.room(of.sizes())];
    Arrays.fill(kept, 1);
    return List.of(of, GraphTensor.ofWholes(NumberType.BOOL, of.sizes(), kept));
  }

  private static GraphTensor reshape(Call call) {
    GraphTensor of = call.input(0);
    long[] asked = call.wholes(1, "shape");
    if (asked == null) {
      throw call.refuse("shape", "whole numbers", "none");
    }
    boolean isZeroItself = call.flag("allowzero");
    int[] shape = new int[call.rank(asked.length)];
    int open = -1;
    long known = 1;
    for (int d = 0; d < shape.length; d++) {
      if (asked[d] == -1 && open < 0) {
        open = d;
        continue;
      }
      if (asked[d] == 0 && !isZeroItself && d < of.rank()) {
        shape[d] = of.size(d);
      } else {
        shape[d] = call.size("shape", asked[d]);
      }
      known = Math.max(known, 1) * Math.max(shape[d], 1);
      if (known > Integer.MAX_VALUE) {
        throw wrongShape(call, of, asked);
      }
    }
    known = 1;
    for (int d = 0; d < shape.length; d++) {
      known *= d == open ? 1 : shape[d];
    }
    if (open >= 0) {
      if (known == 0 || of.count() % known != 0) {
        throw wrongShape(call, of, asked);
      }
      shape[open] = (int) (of.count() / known);
      known *= shape[open];
    }
    if (known != of.count()) {
      throw wrongShape(call, of, asked);
    }
    return of.reshaped(shape);
  }

  private static RuntimeException wrongShape(Call call, GraphTensor of, long[] asked) {
    return call.refuse("shape", "a shape of " + of.count() + " numbers", Arrays.toString(asked));
  }

  private static GraphTensor flatten(Call call) {
    GraphTensor of = call.input(0);
    long axis = call.whole("axis", 1);
    int at = axis == of.rank() ? of.rank() : call.axis(axis, Math.max(1, of.rank()));
    int rows = Places.product(of.sizes(), 0, Math.min(at, of.rank()));
    int columns = Places.product(of.sizes(), Math.min(at, of.rank()), of.rank());
    return of.reshaped(rows, columns);
  }

  private static GraphTensor squeeze(Call call) {
    GraphTensor of = call.input(0);
    long[] axes = call.wholes(1, "axes");
    boolean[] gone = axes == null ? new boolean[of.rank()] : call.axes(axes, of.rank());
    List<Integer> left = new ArrayList<>();
    for (int d = 0; d < of.rank(); d++) {
      boolean isGone = axes == null ? of.size(d) == 1 : gone[d];
      if (!isGone) {
        left.add(of.size(d));
      } else if (of.size(d) != 1) {
        throw call.refuse("axes", "axes of size 1", "axis " + d + " of " + of);
      }
    }
    return of.reshaped(left.stream().mapToInt(Integer::intValue).toArray());
  }

  private static GraphTensor unsqueeze(Call call) {
    GraphTensor of = call.input(0);
    long[] axes = call.wholes(1, "axes");
    if (axes == null) {
      throw call.refuse("axes", "whole numbers", "none");
    }
    boolean[] isNew = call.axes(axes, call.rank(of.rank() + axes.length));
    int[] shape = new int[isNew.length];
    int from = 0;
    for (int d = 0; d < shape.length; d++) {
      shape[d] = isNew[d] ? 1 : of.size(from++);
    }
    return of.reshaped(shape);
  }

  private static GraphTensor transpose(Call call) {
    GraphTensor of = call.input(0);
    long[] order = call.wholes("perm");
    if (order == null) {
      order = new long[of.rank()];
      Arrays.setAll(order, d -> of.rank() - 1L - d);
    }
    call.axes(order, of.rank());
    if (order.length != of.rank()) {
      throw call.refuse("perm", of.rank() + " axes", order.length);
    }
    int[] shape = new int[order.length];
    int[] strides = new int[order.length];
    int[] own = Places.strides(of.sizes());
    for (int d = 0; d < shape.length; d++) {
      int from = call.axis(order[d], of.rank());
      shape[d] = of.size(from);
      strides[d] = own[from];
    }
    call.room(shape);
    return of.at(Places.of(shape, strides, 0), shape);
  }

  private static GraphTensor concat(Call call) {
    GraphTensor first = call.input(0);
    int axis = call.axis(call.whole("axis", 1), first.rank());
    int[] shape = first.sizes().clone();
    for (int i = 1; i < call.inputCount(); i++) {
      int[] expected = first.sizes().clone();
      expected[axis] = -1;
      GraphTensor next = call.shaped(i, "a tensor that fits", expected);
      if (next.type() != first.type()) {
        throw call.refuse("input " + i, first.type(), next);
      }
      shape[axis] = call.size("axis", (long) shape[axis] + next.size(axis));
    }
    int count = call.room(shape);
    double[] reals = first.type().isReal() ? new double[count] : null;
    long[] wholes = reals == null ? new long[count] : null;
    int rows = Places.product(shape, 0, axis);
    int width = Places.product(shape, axis, shape.length);
    int column = 0;
    for (int i = 0; i < call.inputCount(); i++) {
      GraphTensor next = call.input(i);
      int own = Places.product(next.sizes(), axis, shape.length);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < own; c++) {
          if (reals != null) {
            reals[r * width + column + c] = next.real(r * own + c);
          } else {
            wholes[r * width + column + c] = next.whole(r * own + c);
          }
        }
      }
      column += own;
    }
    return reals != null
        ? GraphTensor.ofReals(first.type(), shape, reals)
        : GraphTensor.ofWholes(first.type(), shape, wholes);
  }

  private static List<GraphTensor> split(Call call) {
    GraphTensor of = call.input(0);
    int axis = call.axis(call.whole("axis", 0), of.rank());
    long[] sizes = call.wholes(1, "split");
    if (sizes == null) {
      int parts = call.node().outputs().size();
      long whole = Math.ceilDiv(of.size(axis), parts);
      sizes = new long[parts];
      for (int p = 0; p < parts; p++) {
        sizes[p] = Math.max(0, Math.min(whole, of.size(axis) - p * whole));
      }
    }
    long sum = 0;
    for (long size : sizes) {
      sum += call.size("split", size);
    }
    if (sum != of.size(axis) || sizes.length < call.node().outputs().size()) {
      throw call.refuse(
          "split",
          call.node().outputs().size() + " sizes that make " + of.size(axis),
          Arrays.toString(sizes));
    }
    List<GraphTensor> parts = new ArrayList<>();
    int from = 0;
    for (long size : sizes) {
      int[] shape = of.sizes().clone();
      shape[axis] = (int) size;
      int[] strides = Places.strides(of.sizes());
      parts.add(of.at(Places.of(shape, strides, from * strides[axis]), shape));
      from += (int) size;
    }
    return parts;
  }

  private static GraphTensor shape(Call call) {
    GraphTensor of = call.input(0);
    int from = bounded(call.whole("start", 0), of.rank());
    int until = bounded(call.whole("end", Long.MAX_VALUE), of.rank());
    long[] sizes = new long[Math.max(0, until - from)];
    Arrays.setAll(sizes, d -> of.size(from + d));
    return GraphTensor.list(sizes);
  }

  private static int bounded(long place, int rank) {
    return (int) Math.max(0, Math.min(rank, place < 0 ? place + rank : place));
  }

  private static GraphTensor size(Call call) {
    return GraphTensor.ofWholes(NumberType.INT64, new int[0], new long[] {call.input(0).count()});
  }

  private static GraphTensor expand(Call call) {
    GraphTensor of = call.input(0);
    int[] asked = sizes(call, 1);
    int[] shape = Places.common(of.sizes(), asked);
    if (shape == null) {
      throw call.refuse("shape", "one that " + of + " stretches to", Arrays.toString(asked));
    }
    call.room(shape);
    return of.at(Places.of(shape, Places.stretched(of.sizes(), shape.length), 0), shape);
  }

  private static int[] sizes(Call call, int i) {
    long[] asked = call.wholes(i, "");
    if (asked == null) {
      throw call.refuse("input " + i, "whole numbers", "none");
    }
    int[] sizes = new int[call.rank(asked.length)];
    for (int d = 0; d < sizes.length; d++) {
      sizes[d] = call.size("input " + i, asked[d]);
    }
    return sizes;
  }

  private static GraphTensor tile(Call call) {
    GraphTensor of = call.input(0);
    int[] repeats = sizes(call, 1);
    if (repeats.length != of.rank()) {
      throw call.refuse("repeats", of.rank() + " numbers", repeats.length);
    }
    int[] shape = new int[of.rank()];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = call.size("repeats", (long) of.size(d) * repeats[d]);
    }
    int[] places = new int[call.room(shape)];
    int[] own = Places.strides(of.sizes());
    int[] at = new int[shape.length];
    for (int i = 0; i < places.length; i++) {
      for (int d = 0; d < shape.length; d++) {
        places[i] += at[d] % of.size(d) * own[d];
      }
      next(at, shape);
    }
    return of.at(places, shape);
  }

  /// The next place of a shape, in order.
  static void next(int[] at, int[] shape) {
    for (int d = shape.length - 1; d >= 0; d--) {
      if (++at[d] < shape[d]) {
        return;
      }
      at[d] = 0;
    }
  }

  private static GraphTensor range(Call call) {
    GraphTensor start = call.input(0);
    for (int i = 0; i < 3; i++) {
      if (call.input(i).count() != 1 || call.input(i).type() != start.type()) {
        throw call.refuse("input " + i, "one number of " + start.type(), call.input(i));
      }
    }
    double step = call.input(2).real(0);
    double steps = Math.ceil((call.input(1).real(0) - start.real(0)) / step);
    if (step == 0 || Double.isNaN(steps)) {
      throw call.refuse("delta", "a number other than 0", step);
    }
    int count = call.room(call.size("limit", (long) Math.max(0, steps)));
    if (start.type().isReal()) {
      double[] numbers = new double[count];
      Arrays.setAll(numbers, i -> start.real(0) + i * step);
      return GraphTensor.ofReals(start.type(), new int[] {count}, numbers);
    }
    long[] numbers = new long[count];
    Arrays.setAll(numbers, i -> start.whole(0) + i * call.input(2).whole(0));
    return GraphTensor.ofWholes(start.type(), new int[] {count}, numbers);
  }

  private static GraphTensor constantOfShape(Call call) {
    int[] shape = sizes(call, 0);
    GraphTensor value =
        switch (call.node().attributes().get("value")) {
          case null -> GraphTensor.ofReals(NumberType.FLOAT32, new int[] {1}, new double[1]);
          case Attribute.Tensor tensor -> tensor.value();
          case Attribute _ -> throw call.refuse("value", "a tensor", "another thing");
        };
    if (value.count() != 1) {
      throw call.refuse("value", "one number", value);
    }
    return value.at(new int[call.room(shape)], shape);
  }
}
