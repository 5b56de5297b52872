package dev.unfold.bench.ring;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.run.ring.Ring;
import dev.unfold.train.GradientSource;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.TextData;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What every worker does, at the same time as the others: sums alone, then gradients of a language model with an LSTM,
/// of which the first worker in turns finds all blocks by itself while the others wait.
///
/// @param layers L
/// @param hidden H
/// @param vocabulary V
/// @param batch sequences of a worker
/// @param steps T
/// @param rounds that count; a third as many before to warm up
record Rounds(int layers, int hidden, int vocabulary, int batch, int steps, int rounds) {
  private static final int WIDTH = 64;

  /// An LSTM with so many units and an input of 5 has some million parameters.
  private static final int MILLION = 500;

  private static final int SUMS = 200;
  private static final double MILLISECOND = 1e6;

  /// Milliseconds of each round that counts.
  ///
  /// @param numbers of a sum
  /// @param sum of a sum
  /// @param alone of a gradient by the first worker
  /// @param late of the same one by all, added up when all of it is found
  /// @param together of the same one by all
  record Times(long numbers, double[] sum, double[] alone, double[] late, double[] together) {}

  /// In the order in which [#of] takes them.
  List<String> arguments() {
    return IntStream.of(layers, hidden, vocabulary, batch, steps, rounds)
        .mapToObj(Integer::toString)
        .toList();
  }

  static Rounds of(int... arguments) {
    return new Rounds(
        arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  }

  Times run(Ring ring) {
    Parameters million =
        Network.zeros(
                NetworkSpec.tokens(Cells.lstm(), 7, 5, MILLION), Backends.best(Precision.FLOAT))
            .parameters()
            .zeros();
    double[] sums = new double[SUMS];
    for (int i = -SUMS / 2; i < SUMS; i++) {
      long begin = System.nanoTime();
      ring.sum(i, million, List.of(), 1);
      if (i >= 0) {
        sums[i] = since(begin);
      }
    }
    return gradients(ring, million.buffer().length(), sums);
  }

  private Times gradients(Ring ring, long numbers, double... sums) {
    int all = batch * ring.count();
    Network network =
        Network.create(
            new NetworkSpec(
                Cells.lstm(), new Encoder.Embedding(vocabulary, WIDTH), hidden, layers, vocabulary),
            Backends.best(Precision.FLOAT),
            1);
    int[] text = new SplittableRandom(1).ints(4L * all * steps + 1, 0, vocabulary).toArray();
    TextData data = new TextData(text, steps, all);
    TrainingOptions options =
        TrainingOptions.defaults().withSteps(steps).withBatch(all).withBlocks(ring.count());
    Team team = Team.of(1);
    GradientSource late = GradientSource.of(network, options, data, 1, team, new AtTheEnd(ring));
    GradientSource together = GradientSource.of(network, options, data, 1, team, ring);
    GradientSource alone = GradientSource.of(network, options, data, 1, team);
    Parameters gradients = network.parameters().zeros();
    double[] one = new double[rounds];
    double[] atTheEnd = new double[rounds];
    double[] several = new double[rounds];
    for (int i = -(rounds + 2) / 3; i < rounds; i++) {
      int place = i + rounds;
      // The first one has been alone.
      ring.gather();
      double theirLate = timed(late, network, place, gradients);
      double their = timed(together, network, place, gradients);
      double own = ring.rank() == 0 ? timed(alone, network, place, gradients) : 0;
      if (i >= 0) {
        atTheEnd[i] = theirLate;
        several[i] = their;
        one[i] = own;
      }
    }
    return new Times(numbers, sums, one, atTheEnd, several);
  }

  /// With weights that are laid out anew, as after an update.
  private static double timed(
      GradientSource source, Network network, long place, Parameters gradients) {
    network.parameters().changed();
    long begin = System.nanoTime();
    source.gradient(place, gradients);
    return since(begin);
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / MILLISECOND;
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
