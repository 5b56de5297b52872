package dev.unfold.gradient;

import dev.unfold.argument.Expect;
import dev.unfold.head.Amounts;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.sequence.Batch;

/// Makes of the gradients of several batches that of one batch of all their sequences, whose losses count as a
/// [Reduction] says: the losses of each batch count its [#weights], and what is added up is divided by [#divisor] in
/// the end.
///
///     Accumulation accumulation = new Accumulation(network.spec().head(), Reduction.MEAN);
///     for (Batch batch : batches) {
///       loss += bptt.gradient(batch, accumulation.weights(batch), gradients);
///     }
///     loss /= accumulation.divisor();
///
/// A batch without losses adds nothing.
public final class Accumulation {
  private final Head head;
  private final Reduction reduction;

  /// Losses or sequences that the average is of: those of the first batch that has any, and of all.
  private double first;

  private double all;

  /// @param head of the network
  /// @param reduction how all losses become one number
  public Accumulation(Head head, Reduction reduction) {
    this.head = Expect.given("head", head);
    this.reduction = Expect.given("reduction", reduction);
  }

  /// Takes `batch` as the next one.
  ///
  /// @return what a loss of each of its sequences counts: as in an average of as many as the first batch has, so that
  ///     batches that all have as many are averaged
  public double[] weights(Batch batch) {
    Amounts amounts = batch.amounts(head);
    double own = reduction.parts(amounts);
    first = first == 0 ? own : first;
    all = reduction == Reduction.SUM ? 1 : all + own;
    return reduction.weights(first, amounts);
  }

  /// What sums of losses, and gradients, of the batches so far are divided by.
  public double divisor() {
    return first == 0 ? 1 : all / first;
  }

  /// What these batches together weigh in an average over many, as a whole number: their losses, or their sequences, 1
  /// at least if there are any; sums weigh alike.
  public long weight() {
    return all == 0 ? 0 : Math.max(1, Math.round(all));
  }
}
