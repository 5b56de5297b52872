package dev.unfold.run.label;

import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.data.DerivedData;
import dev.unfold.train.data.TrainingData;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Data of which some values are read as unknown, others at each place: so the vector of what is unknown is learnt. One
/// number is drawn for a text, so that what is looked at of a word is unknown together.
///
/// Which ones follows from the seed and the place alone, so that a run can go on from any.
final class UnknownWords extends DerivedData {
  /// An odd number near 2^64 over the golden ratio: neighbouring places draw what has nothing to do with each other.
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /// What is drawn of a category.
  ///
  /// @param text which of a step's texts it looks at
  /// @param ofValues for each of its values how often it is read as unknown, which is value 0
  record Share(int text, double[] ofValues) {}

  private final List<Share> shares;
  private final long seed;

  /// @param shares one for each category of the inputs
  UnknownWords(TrainingData data, List<Share> shares, long seed) {
    super(data);
    this.shares = List.copyOf(shares);
    this.seed = seed;
  }

  @Override
  public Batch batch(long place) {
    Batch batch = data().batch(place);
    SplittableRandom random = new SplittableRandom((seed + 1) * MIX ^ (place + 1) * MIX);
    Inputs inputs =
        batch.inputs() instanceof Inputs.Columns own
            ? new Inputs.Columns(own.numbers(), drawn(own.categories(), random), own.from())
            : batch.inputs();
    return new Batch(batch.steps(), batch.batch(), inputs, batch.targets(), batch.present());
  }

  private int[][] drawn(int[][] values, SplittableRandom random) {
    int[][] drawn = new int[values.length][];
    Arrays.setAll(drawn, c -> values[c].clone());
    int texts = shares.stream().mapToInt(Share::text).max().orElse(-1) + 1;
    double[] draws = new double[texts];
    for (int row = 0; row < drawn[0].length; row++) {
      for (int text = 0; text < texts; text++) {
        draws[text] = random.nextDouble();
      }
      for (int c = 0; c < drawn.length; c++) {
        Share share = shares.get(c);
        boolean isUnknown = draws[share.text] < share.ofValues[drawn[c][row]];
        drawn[c][row] = isUnknown ? 0 : drawn[c][row];
      }
    }
    return drawn;
  }
}
