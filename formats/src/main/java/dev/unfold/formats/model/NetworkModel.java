package dev.unfold.formats.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Network;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Any network: of vectors or tokens, in one direction or both, with any head. What its inputs and outputs are, its
/// maker may say in texts by key, of which the file knows no more.
///
/// @param network the network
/// @param description texts by key, such as the columns of a table that it reads; empty for none
/// @param provenance how it was trained, if that is known
public record NetworkModel(
    Network network, Map<String, String> description, Optional<Provenance> provenance)
    implements Model {
  /// The key of a description that says what the network does, such as `series`.
  public static final String TASK = "task";

  /// Checks that they are given, and copies the description.
  ///
  /// **Errors**: [IllegalArgumentException] also for an empty key.
  public NetworkModel {
    Expect.given("network", network);
    description = Map.copyOf(Expect.given("description", description));
    Expect.given("provenance", provenance);
    if (description.containsKey("")) {
      throw new Refusal("description", "keys with a letter or more", "\"\"");
    }
  }

  /// A model whose training is not known, with nothing said of what its inputs are.
  public static NetworkModel of(Network network) {
    return of(network, Map.of());
  }

  /// A model whose training is not known.
  public static NetworkModel of(Network network, Map<String, String> description) {
    return new NetworkModel(network, description, Optional.empty());
  }

  /// What the network does, as its maker calls it; empty if nothing is said.
  public String task() {
    return description.getOrDefault(TASK, "");
  }

  /// The same in the order of the keys, each with `prefix` before it.
  Map<String, String> description(String prefix) {
    Map<String, String> all = new TreeMap<>();
    description.forEach((key, text) -> all.put(prefix + key, text));
    return all;
  }

  @Override
  public NetworkModel withWeights(WeightFormat format) {
    return new NetworkModel(network.withWeights(format), description, provenance);
  }

  @Override
  public NetworkModel withProvenance(Provenance provenance) {
    return new NetworkModel(network, description, Optional.of(provenance));
  }
}
