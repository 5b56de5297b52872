package dev.unfold.online;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;

/// All that [OnlineGradient] keeps beside the state of the network: what it needs to go on as if it had never been
/// interrupted. A value: nothing else refers to its memory.
///
/// @param steps how many steps it has seen
/// @param timesLimited how often the influence of a sequence was scaled down or started anew
/// @param numbers what the rule keeps of J, in an order of its own; empty if it keeps nothing
public record KeptInfluence(long steps, long timesLimited, List<Matrix> numbers) {
  /// Checks the ranges.
  public KeptInfluence {
    if (steps < 0) {
      throw new Refusal("steps", "0 or more", steps);
    }
    if (timesLimited < 0) {
      throw new Refusal("timesLimited", "0 or more", timesLimited);
    }
    numbers = List.copyOf(Expect.given("numbers", numbers));
  }
}
