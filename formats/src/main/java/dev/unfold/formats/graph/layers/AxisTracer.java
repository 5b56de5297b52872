package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.layers.Traced.Fixed;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.formats.graph.layers.Traced.Tokens;
import dev.unfold.head.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Follows nodes that move axes, cut vectors and take one of a sequence.
final class AxisTracer {
  private static final int MOST_WHOLES = 1 << 12;

  private final Formulas formulas;

  AxisTracer(Formulas formulas) {
    this.formulas = formulas;
  }

  long whole(Node node, String key, long otherwise) {
    return node.attributes().get(key) instanceof Attribute.Whole whole ? whole.value() : otherwise;
  }

  /// 1 if it is not given.
  double real(Node node, String key) {
    return node.attributes().get(key) instanceof Attribute.Real real ? real.value() : 1;
  }

  /// Whole numbers that are an input or an attribute; null for neither, and for more than say anything of axes.
  private static long[] wholes(Node node, String key, List<Traced> inputs, int i) {
    if (i < inputs.size() && inputs.get(i) instanceof Fixed fixed) {
      return fixed.tensor().count() > MOST_WHOLES ? null : fixed.tensor().wholes();
    }
    return node.attributes().get(key) instanceof Attribute.Wholes list
        ? list.values().stream().mapToLong(Long::longValue).toArray()
        : null;
  }

  private static int axis(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    return counted < 0 || counted >= rank ? -1 : (int) counted;
  }

  /// Tokens whose axes are moved; null if they are not followed.
  Tokens moved(Node node, Tokens tokens, List<Traced> inputs) {
    Flow flow = new Flow(tokens.axes(), null);
    List<Traced> results =
        switch (node.operator()) {
          case "Identity", "Cast", "Transpose", "Squeeze", "Unsqueeze" ->
              results(node, flow, inputs);
          default -> List.of();
        };
    return results.isEmpty() ? null : new Tokens(((Flow) results.getFirst()).axes());
  }

  /// Empty if the node is not followed.
  List<Traced> results(Node node, Flow flow, List<Traced> inputs) {
    return switch (node.operator()) {
      case "Identity", "Dropout" -> List.of(flow);
      case "Cast" ->
          whole(node, "to", 1) == 1 || flow.formula() == null ? List.of(flow) : List.of();
      case "Transpose" -> Tracer.one(transposed(flow, wholes(node, "perm", inputs, 9)));
      case "Squeeze" -> Tracer.one(squeezed(flow, wholes(node, "axes", inputs, 1)));
      case "Unsqueeze" -> Tracer.one(unsqueezed(flow, wholes(node, "axes", inputs, 1)));
      case "Reshape" -> Tracer.one(reshaped(flow, inputs));
      case "Split" -> split(node, flow, inputs);
      case "Slice" -> Tracer.one(sliced(node, flow, inputs));
      case "Gather" -> Tracer.one(gathered(node, flow, inputs));
      case "ReduceMean", "ReduceMax" -> Tracer.one(reduced(node, flow, inputs));
      default -> List.of();
    };
  }

  private static Flow transposed(Flow flow, long[] order) {
    int rank = flow.axes().size();
    if (order == null || order.length != rank) {
      return null;
    }
    List<Integer> axes = new ArrayList<>();
    for (long from : order) {
      int at = axis(from, rank);
      if (at < 0) {
        return null;
      }
      axes.add(flow.axes().get(at));
    }
    return flow.with(axes);
  }

  private static Flow squeezed(Flow flow, long[] gone) {
    if (gone == null) {
      return null;
    }
    List<Integer> axes = new ArrayList<>(flow.axes());
    List<Integer> left = new ArrayList<>();
    for (int d = 0; d < axes.size(); d++) {
      int at = d;
      if (Arrays.stream(gone).noneMatch(one -> axis(one, axes.size()) == at)) {
        left.add(axes.get(d));
      } else if (axes.get(d) == Traced.FEATURE || axes.get(d) == Traced.DIRECTION) {
        return null;
      }
    }
    return flow.with(left);
  }

  private static Flow unsqueezed(Flow flow, long[] added) {
    if (added == null) {
      return null;
    }
    int rank = flow.axes().size() + added.length;
    if (rank > GraphTensor.MOST_DIMENSIONS) {
      return null;
    }
    List<Integer> axes = new ArrayList<>();
    int from = 0;
    for (int d = 0; d < rank; d++) {
      int at = d;
      boolean isNew = Arrays.stream(added).anyMatch(one -> axis(one, rank) == at);
      if (!isNew && from == flow.axes().size()) {
        return null;
      }
      axes.add(isNew ? Traced.ONE : flow.axes().get(from++));
    }
    return flow.with(axes);
  }

  /// Both directions put side by side, all steps and sequences put one after the other, or that undone: whether it is,
  /// is found when the network is run.
  private static Flow reshaped(Flow flow, List<Traced> inputs) {
    if (!flow.endsWithFeature()) {
      return null;
    }
    List<Integer> axes = new ArrayList<>(flow.axes());
    int beside = axes.size() - 2;
    int rank =
        inputs.size() > 1 && inputs.get(1) instanceof Fixed shape ? shape.tensor().count() : -1;
    if (beside >= 0
        && (axes.get(beside) == Traced.DIRECTION || axes.get(beside) == Traced.ONE)
        && (rank < 0 || rank == axes.size() - 1)) {
      axes.subList(beside, beside + 1).clear();
      return flow.with(axes);
    }
    if (axes.contains(Traced.DIRECTION)) {
      return null;
    }
    if (!flow.flattened().isEmpty()) {
      boolean isBack = rank < 0 || rank == flow.flattened().size();
      return isBack ? new Flow(flow.flattened(), flow.formula()) : null;
    }
    if (rank == axes.size()) {
      return flow;
    }
    return rank == 2 || rank < 0
        ? new Flow(List.of(Traced.ROWS, Traced.FEATURE), flow.formula(), flow.axes())
        : null;
  }

  private List<Traced> split(Node node, Flow flow, List<Traced> inputs) {
    int at = axis(whole(node, "axis", 0), flow.axes().size());
    if (at < 0) {
      return List.of();
    }
    int parts = node.outputs().size();
    int kind = flow.axes().get(at);
    if (parts == 1 && kind != Traced.FEATURE) {
      return List.of(flow);
    }
    int width = flow.formula().width();
    if (kind == Traced.DIRECTION && parts == 2) {
      List<Integer> axes = new ArrayList<>(flow.axes());
      axes.set(at, Traced.ONE);
      return List.of(
          flow.with(axes).with(formulas.part(flow.formula(), 0, width / 2)),
          flow.with(axes).with(formulas.part(flow.formula(), width / 2, width / 2)));
    }
    long[] sizes = wholes(node, "split", inputs, 1);
    if (sizes == null) {
      sizes = new long[parts];
      Arrays.fill(sizes, Math.ceilDiv(width, Math.max(1, parts)));
      sizes[parts - 1] = width - (parts - 1L) * sizes[0];
    }
    if (kind != Traced.FEATURE || sizes.length != parts) {
      return List.of();
    }
    List<Traced> all = new ArrayList<>();
    long from = 0;
    for (long size : sizes) {
      if (size < 1 || from + size > width) {
        return List.of();
      }
      all.add(flow.with(formulas.part(flow.formula(), (int) from, (int) size)));
      from += size;
    }
    return all;
  }

  private Flow sliced(Node node, Flow flow, List<Traced> inputs) {
    long[] starts = wholes(node, "starts", inputs, 1);
    long[] ends = wholes(node, "ends", inputs, 2);
    long[] along = wholes(node, "axes", inputs, 3);
    long[] steps = wholes(node, "steps", inputs, 4);
    boolean isOne =
        starts != null
            && ends != null
            && starts.length == 1
            && ends.length == 1
            && (along == null || along.length == 1)
            && (steps == null || (steps.length == 1 && steps[0] == 1));
    int at = isOne ? axis(along == null ? 0 : along[0], flow.axes().size()) : -1;
    if (at < 0) {
      return null;
    }
    int kind = flow.axes().get(at);
    boolean isVector = kind == Traced.FEATURE || kind == Traced.DIRECTION;
    int size = kind == Traced.DIRECTION ? 2 : flow.formula().width();
    if (isVector) {
      long from = Math.max(0, Math.min(size, starts[0] < 0 ? starts[0] + size : starts[0]));
      long until = Math.max(0, Math.min(size, ends[0] < 0 ? ends[0] + size : ends[0]));
      return until <= from ? null : some(flow, at, (int) from, (int) (until - from), Traced.ONE);
    }
    boolean isLast = kind >= 0 && starts[0] == -1 && ends[0] >= Integer.MAX_VALUE;
    return isLast ? pooled(flow, at, Pooling.LAST, true) : null;
  }

  /// Some numbers of each vector, or one direction of it.
  private Flow some(Flow flow, int at, int from, int count, int left) {
    int width = flow.formula().width();
    if (flow.axes().get(at) == Traced.FEATURE) {
      return flow.axes().contains(Traced.DIRECTION)
          ? null
          : flow.with(formulas.part(flow.formula(), from, count));
    }
    if (count != 1) {
      return flow;
    }
    List<Integer> axes = new ArrayList<>(flow.axes());
    axes.subList(at, at + 1).clear();
    if (left == Traced.ONE) {
      axes.add(at, left);
    }
    Formula half = formulas.part(flow.formula(), from * (width / 2), width / 2);
    return flow.with(axes).with(half);
  }

  private Flow gathered(Node node, Flow flow, List<Traced> inputs) {
    int at = axis(whole(node, "axis", 0), flow.axes().size());
    if (at < 0
        || inputs.size() < 2
        || !(inputs.get(1) instanceof Fixed which)
        || which.tensor().count() != 1) {
      return null;
    }
    GraphTensor index = which.tensor();
    boolean keeps = index.rank() == 1;
    int kind = flow.axes().get(at);
    if (index.rank() > 1 || kind == Traced.FEATURE) {
      return null;
    }
    if (kind == Traced.DIRECTION) {
      int direction = axis(index.whole(0), 2);
      return direction < 0
          ? null
          : some(flow, at, direction, 1, keeps ? Traced.ONE : Traced.FEATURE);
    }
    if (kind == Traced.ONE) {
      List<Integer> axes = new ArrayList<>(flow.axes());
      if (!keeps) {
        axes.subList(at, at + 1).clear();
      }
      return flow.with(axes);
    }
    return kind >= 0 && index.whole(0) == -1 ? pooled(flow, at, Pooling.LAST, keeps) : null;
  }

  private Flow reduced(Node node, Flow flow, List<Traced> inputs) {
    long[] along = wholes(node, "axes", inputs, 1);
    boolean keeps = whole(node, "keepdims", 1) != 0;
    int at = along != null && along.length == 1 ? axis(along[0], flow.axes().size()) : -1;
    if (at < 0) {
      return null;
    }
    boolean isMean = node.operator().equals("ReduceMean");
    int kind = flow.axes().get(at);
    if (kind == Traced.FEATURE) {
      return isMean && keeps && !flow.axes().contains(Traced.DIRECTION)
          ? flow.with(formulas.mean(flow.formula()))
          : null;
    }
    return kind >= 0 ? pooled(flow, at, isMean ? Pooling.MEAN : Pooling.MAX, keeps) : null;
  }

  private Flow pooled(Flow flow, int at, Pooling pooling, boolean keeps) {
    List<Integer> axes = new ArrayList<>(flow.axes());
    axes.subList(at, at + 1).clear();
    if (keeps) {
      axes.add(at, Traced.ONE);
    }
    Formula vector =
        formulas.leaf(new Formula.Pooled(pooling, flow.formula()), flow.formula().width());
    return flow.with(axes).with(vector);
  }

  /// Vectors one after the other; null if it is not that.
  Flow joined(Node node, List<Traced> inputs) {
    List<Formula> parts = new ArrayList<>();
    Flow first = null;
    for (Traced input : inputs) {
      if (!(input instanceof Flow flow) || (first != null && !flow.axes().equals(first.axes()))) {
        return null;
      }
      first = first == null ? flow : first;
      parts.add(flow.formula());
    }
    if (first == null) {
      return null;
    }
    int at = axis(whole(node, "axis", 0), first.axes().size());
    if (inputs.size() == 1) {
      return first;
    }
    return at >= 0
            && first.axes().get(at) == Traced.FEATURE
            && !first.axes().contains(Traced.DIRECTION)
        ? first.with(formulas.joined(parts))
        : null;
  }
}
