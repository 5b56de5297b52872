package dev.unfold.formats.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Which inputs of a graph are states, and which outputs their next values.
///
/// By name, if any fit: `h` and `h.next`, `h_next`, `h_out`, `hn` or `hN`; `h0` and `hn`; `h_in` and `h_out`. If none
/// do, by order: with the first input and the first output set aside, each input goes with the next output of its type
/// and shape.
public final class StateNames {
  private static final List<String> OF_INPUTS = List.of(".prev", "_prev", "_in", "_0", "0");
  private static final List<String> OF_OUTPUTS = List.of(".next", "_next", "_out", "_n", "n");

  /// Of graphs with more pairs of an input and an output no states are looked for.
  private static final long MOST = 1_000_000;

  private StateNames() {}

  /// The output of each state, by its input; empty if there are no states.
  public static Map<String, String> of(Graph graph) {
    if ((long) graph.inputs().size() * graph.outputs().size() > MOST) {
      return Map.of();
    }
    Map<String, String> states = byName(graph);
    return states.isEmpty() ? byOrder(graph) : states;
  }

  private static Map<String, String> byName(Graph graph) {
    Map<String, String> states = new LinkedHashMap<>();
    List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
    for (ValueInfo input : graph.inputs()) {
      List<String> stems = stems(input.name(), OF_INPUTS);
      stems.add(input.name().toLowerCase(Locale.ROOT));
      for (ValueInfo output : outputs) {
        List<String> found = stems(output.name(), OF_OUTPUTS);
        found.retainAll(stems);
        if (!found.isEmpty() && fit(input, output)) {
          states.put(input.name(), output.name());
          outputs.remove(output);
          break;
        }
      }
    }
    return states;
  }

  /// A name without each of the endings that it has.
  private static List<String> stems(String name, List<String> endings) {
    String lower = name.toLowerCase(Locale.ROOT);
    List<String> stems = new ArrayList<>();
    for (String ending : endings) {
      if (lower.endsWith(ending) && lower.length() > ending.length()) {
        stems.add(lower.substring(0, lower.length() - ending.length()));
      }
    }
    return stems;
  }

  private static Map<String, String> byOrder(Graph graph) {
    Map<String, String> states = new LinkedHashMap<>();
    int next = 1;
    for (int i = 1; i < graph.inputs().size(); i++) {
      ValueInfo input = graph.inputs().get(i);
      for (int o = next; o < graph.outputs().size(); o++) {
        if (!input.shape().orElse(List.of()).isEmpty() && fit(input, graph.outputs().get(o))) {
          states.put(input.name(), graph.outputs().get(o).name());
          next = o + 1;
          break;
        }
      }
    }
    return states;
  }

  private static boolean fit(ValueInfo a, ValueInfo b) {
    if (a.type().isPresent() && b.type().isPresent() && !a.type().equals(b.type())) {
      return false;
    }
    if (a.shape().isEmpty() || b.shape().isEmpty()) {
      return true;
    }
    List<Dimension> left = a.shape().get();
    List<Dimension> right = b.shape().get();
    boolean fits = left.size() == right.size();
    for (int d = 0; fits && d < left.size(); d++) {
      boolean areFixed = left.get(d).isFixed() && right.get(d).isFixed();
      fits = !areFixed || left.get(d).size() == right.get(d).size();
    }
    return fits;
  }
}
