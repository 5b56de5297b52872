package dev.unfold.formats.exchange;

import dev.unfold.formats.exchange.ReferenceRoles.Role.Category;
import dev.unfold.formats.exchange.ReferenceRoles.Role.Layer;
import dev.unfold.formats.exchange.ReferenceRoles.Role.Main;
import dev.unfold.formats.exchange.ReferenceRoles.Role.Output;
import dev.unfold.formats.exchange.ReferenceRoles.Role.Said;
import dev.unfold.formats.exchange.ReferenceRoles.Role.StateAfter;
import dev.unfold.formats.exchange.ReferenceRoles.Role.StateBefore;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.StateNames;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.SeveralHeads;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the arrays of a reference are of a network, by their names: those of files that are written here, and those of
/// the graph that the network was found in.
final class ReferenceRoles {
  /// What an array is.
  sealed interface Role {
    /// The numbers or tokens that it reads.
    record Main() implements Role {}

    /// One of the categories that it reads.
    record Category(int number) implements Role {}

    /// A state before the first step, by its place among all.
    record StateBefore(int number) implements Role {}

    /// A state after the last one.
    record StateAfter(int number) implements Role {}

    /// What a layer puts out.
    record Layer(int number) implements Role {}

    /// What the head puts out, or says: which of both shows in the numbers.
    record Output(int head) implements Role {}

    /// What the head says.
    record Said(int head) implements Role {}
  }

  private final Map<String, Role> known = new LinkedHashMap<>();
  private final Map<String, Role> places = new LinkedHashMap<>();

  ReferenceRoles(NetworkSpec spec, Optional<Graph> graph) {
    known.put(
        spec.encoder().categories().size() == 1 && spec.encoder().numbers() == 0
            ? "tokens"
            : "input",
        new Main());
    known.put("input", new Main());
    for (int c = 0; c < spec.encoder().categories().size(); c++) {
      known.put("category." + c, new Category(c));
    }
    List<String> states = stateNames(spec);
    for (int s = 0; s < states.size(); s++) {
      known.put(states.get(s), new StateBefore(s));
      known.put(states.get(s) + ".next", new StateAfter(s));
    }
    for (int l = 0; l < spec.layers(); l++) {
      known.put("layer." + l, new Layer(l));
    }
    List<String> heads =
        spec.head() instanceof SeveralHeads several
            ? several.parts().stream().map(part -> part.name() + ".").toList()
            : List.of("");
    for (int h = 0; h < heads.size(); h++) {
      known.put(heads.get(h) + "output", new Output(h));
      known.put(heads.get(h) + "probabilities", new Said(h));
      known.put(heads.get(h) + "prediction", new Said(h));
    }
    places.put("input_0", new Main());
    places.put("output_0", new Output(0));
    graph.ifPresent(each -> add(each, states.size()));
  }

  /// A graph's own names come before those of files that are written here.
  private void add(Graph graph, int states) {
    Map<String, String> next = StateNames.of(graph);
    Set<String> read = graph.names();
    List<String> inputs = new ArrayList<>(next.keySet());
    List<String> outputs = new ArrayList<>(next.values());
    boolean areKept = inputs.size() == states;
    for (int i = 0; i < graph.inputs().size(); i++) {
      String name = graph.inputs().get(i).name();
      int state = inputs.indexOf(name);
      if (state < 0 && read.contains(name)) {
        put("input_" + i, name, new Main());
      } else if (areKept && state >= 0) {
        put("input_" + i, name, known.getOrDefault(name, new StateBefore(state)));
      }
    }
    for (int o = 0; o < graph.outputs().size(); o++) {
      ValueInfo output = graph.outputs().get(o);
      int state = outputs.indexOf(output.name());
      if (state < 0) {
        put("output_" + o, output.name(), known.getOrDefault(output.name(), new Output(0)));
      } else if (areKept) {
        put("output_" + o, output.name(), known.getOrDefault(output.name(), new StateAfter(state)));
      }
    }
  }

  private void put(String place, String name, Role role) {
    known.put(name, role);
    places.put(place, role);
  }

  /// `state.l0.h`, in the order of [dev.unfold.model.State].
  private static List<String> stateNames(NetworkSpec spec) {
    List<String> names = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      for (String suffix : Network.suffixes(spec, l)) {
        spec.stack()
            .get(l)
            .cell()
            .states()
            .forEach(state -> names.add("state.%s.%s".formatted(suffix.substring(1), state)));
      }
    }
    return names;
  }

  /// **Errors**: [FormatException] that lists what there is.
  Role of(String file, Reference.Array array) {
    Role role = known.get(array.name());
    role = role == null ? places.get(array.place()) : role;
    if (role == null) {
      throw new FormatException(
          "%s: expected arrays named %s, got %s"
              .formatted(file, String.join(", ", new TreeSet<>(known.keySet())), array.shown()));
    }
    return role;
  }
}
