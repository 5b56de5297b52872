package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.model.Model;
import dev.unfold.model.Network;
import java.util.List;
import java.util.Optional;

/// A model that was read.
///
/// @param content what it is
/// @param conventions what was found of the file's own ways, a line each: `layer l0: GRU, reset after the product`
/// @param origin the operators that a network was found in, if it was
public record Imported(Content content, List<String> conventions, Optional<Origin> origin) {
  /// Operators that a network was found in: what it can be held against.
  public interface Origin {
    /// The operators.
    Graph graph();

    /// Compares the outputs of a network, and of its layers where they are values of the graph, with those of the graph,
    /// over about `steps` steps of random sequences.
    List<Parity.Row> compare(Network network, int steps);
  }

  /// What a file was found to be.
  public sealed interface Content {
    /// A network, which can be trained on and run.
    record OfModel(Model model) implements Content {
      /// Checks that it is given.
      public OfModel {
        Expect.given("model", model);
      }
    }

    /// Operators that are not all layers known here: they can be run.
    record OfGraph(Graph graph) implements Content {
      /// Checks that it is given.
      public OfGraph {
        Expect.given("graph", graph);
      }
    }
  }

  /// Checks that they are given, and copies the list.
  public Imported {
    Expect.given("content", content);
    conventions = List.copyOf(Expect.given("conventions", conventions));
    Expect.given("origin", origin);
  }

  /// A network.
  public Imported(Model model, List<String> conventions) {
    this(new Content.OfModel(model), conventions, Optional.empty());
  }

  /// A graph.
  public Imported(Graph graph, List<String> conventions) {
    this(new Content.OfGraph(graph), conventions, Optional.empty());
  }

  /// The network.
  ///
  /// **Errors**: [IllegalArgumentException] if it is a graph.
  public Model model() {
    return switch (content) {
      case Content.OfModel of -> of.model();
      case Content.OfGraph of ->
          throw new Refusal(
              "model", "a network", "a graph of " + of.graph().nodes().size() + " nodes");
    };
  }
}
