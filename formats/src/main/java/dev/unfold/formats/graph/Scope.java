package dev.unfold.formats.graph;

import dev.unfold.argument.Refusal;
import java.util.HashMap;
import java.util.Map;

/// The values of a graph at work, and of those around it.
final class Scope {
  private final Scope outer;
  private final Map<String, GraphTensor> values = new HashMap<>();
  private final long most;

  /// @param outer null for the whole graph
  /// @param most how many numbers a tensor may have
  Scope(Scope outer, long most) {
    this.outer = outer;
    this.most = most;
  }

  long most() {
    return most;
  }

  void put(String name, GraphTensor value) {
    values.put(name, value);
  }

  void putAll(Map<String, GraphTensor> all) {
    values.putAll(all);
  }

  GraphTensor get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      GraphTensor value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    throw new Refusal("value", "one that was made", name);
  }
}
