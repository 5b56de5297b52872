package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import dev.unfold.unroll.UnrolledNetwork;

/// Validates on the first batches of data, a few steps at a time unless the network needs all of them at once.
///
/// @param data where the batches come from
/// @param batches how many
public record DataValidator(TrainingData data, int batches) implements Validator {
  /// The most steps at a time.
  private static final int STEPS = 64;

  /// Checks the number.
  public DataValidator {
    Expect.given("data", data);
    if (batches < 1) {
      throw new Refusal("batches", "1 or more", batches);
    }
  }

  /// On all batches of an epoch.
  public static DataValidator of(TrainingData data) {
    return new DataValidator(data, Expect.given("data", data).updatesPerEpoch());
  }

  /// **Errors**: [IllegalArgumentException] if a number of a batch is not finite, or a class none of the head's,
  /// which it names, or if there are no losses.
  @Override
  public Evaluation evaluate(Network network, Team team) {
    Expect.given("network", network);
    Expect.given("team", team);
    int most = data.batch(0).targets().isOfSteps() ? steps(network.spec()) : data.steps();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, most, data.batch());
    double sum = 0;
    long count = 0;
    double amount = 0;
    for (int i = 0; i < batches; i++) {
      Batch batch = data.batch(i);
      expectUsable(i, batch, network);
      if (!data.goesOn(i)) {
        unrolled.startFromZero();
      }
      for (int from = 0; from < batch.steps(); from += most) {
        Batch part = batch.part(from, Math.min(from + most, batch.steps()));
        sum += unrolled.evaluate(part, Reduction.SUM);
        count += part.losses();
        amount += part.amount(network.spec().head());
        unrolled.startAfter(unrolled);
      }
    }
    if (count == 0) {
      throw new Refusal("validation", "targets in %d batches".formatted(batches), "none");
    }
    // Where numbers are missing, the sum is what it would be if they were as the others on average.
    return new Evaluation(amount == count ? sum : sum / amount * count, count);
  }

  private static void expectUsable(int i, Batch batch, Network network) {
    try {
      batch.expectFinite(network.kernels());
      batch.expectClasses(network.spec().head());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("validation: batch " + i + ": " + e.getMessage(), e);
    }
  }

  /// How many steps are computed at a time.
  int steps(NetworkSpec spec) {
    boolean needsAll = spec.directions() > 1 || !spec.head().isOfSteps();
    return needsAll ? data.steps() : Math.min(STEPS, data.steps());
  }
}
