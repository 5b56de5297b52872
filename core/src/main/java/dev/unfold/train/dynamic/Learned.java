package dev.unfold.train.dynamic;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.util.Set;
import java.util.function.Predicate;

/// Which parameters of a network are changed.
public enum Learned {
  /// All of them.
  ALL,
  /// Those of the head: weights and biases of the readout, and what else the head has.
  READOUT;

  /// Whether the parameter of a name is changed.
  ///
  /// **Errors**: [IllegalArgumentException] for a readout whose weights are the embedding's.
  Predicate<String> of(NetworkSpec spec) {
    if (this == ALL) {
      return name -> true;
    }
    if (spec.has(Wiring.TIED)) {
      throw new Refusal("learned", "all of a network whose readout is its embedding", "readout");
    }
    Head head = spec.head();
    Set<String> own = head.shapes(spec.outputSize(), true, spec.hasReadoutBias()).keySet();
    return own::contains;
  }
}
