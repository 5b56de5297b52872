package dev.unfold.run.generated;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.SplittableRandom;

/// A sensor that follows a valve some steps later, as a temperature does:
///
///     y(t+1) = 0.7 y(t) + 0.3 gain u(t - delay) + 0.05 noise        u(t) = -1 or 1, noise of a normal distribution
///
/// At each step u(t) and y(t) are read, and y(t+1) is to be foreseen: who does not remember what the valve was `delay`
/// steps ago can foresee the rest alone.
///
/// @param steps T
/// @param batch B
/// @param precision of the numbers
/// @param rule by which the sensor answers
/// @param seed of the sequences
public record DelayedResponse(int steps, int batch, Precision precision, Rule rule, long seed)
    implements GeneratedTask {
  /// The mean squared error of who knows all but the noise.
  public static final double LEAST = 0.05 * 0.05;

  /// Steps before the first, so that the sensor is where it usually is.
  private static final int BEFORE = 50;

  /// How the sensor answers.
  ///
  /// @param delay steps after which it does
  /// @param gain how much
  public record Rule(int delay, double gain) {
    /// Checks the ranges.
    public Rule {
      if (delay < 0 || delay > BEFORE) {
        throw new Refusal("delay", "0 to " + BEFORE, delay);
      }
    }
  }

  /// Checks the sizes.
  public DelayedResponse {
    if (steps < 1) {
      throw new Refusal("steps", "T of 1 or more", steps);
    }
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    LiveRows.rows(steps, batch);
  }

  @Override
  public Batch batch(long update) {
    Rule[] rules = new Rule[BEFORE + steps];
    Arrays.fill(rules, rule);
    return sequences(rules, batch, precision, Seeds.of(seed, update));
  }

  /// A single sequence whose rule changes half-way.
  public static Batch changing(int steps, Precision precision, Rule first, Rule second, long seed) {
    Rule[] rules = new Rule[BEFORE + steps];
    Arrays.setAll(rules, t -> t < BEFORE + steps / 2 ? first : second);
    return sequences(rules, 1, precision, Seeds.of(seed, 0));
  }

  private static Batch sequences(
      Rule[] rules, int batch, Precision precision, SplittableRandom random) {
    int steps = rules.length - BEFORE;
    Matrix inputs = Matrix.allocate(precision.type(), steps * batch, 2);
    Matrix targets = Matrix.allocate(precision.type(), steps * batch, 1);
    for (int b = 0; b < batch; b++) {
      double[] valve = new double[rules.length];
      double sensor = 0;
      for (int t = 0; t < rules.length; t++) {
        valve[t] = random.nextBoolean() ? 1 : -1;
        int delay = rules[t].delay();
        double answer = t < delay ? 0 : rules[t].gain() * valve[t - delay];
        double next = 0.7 * sensor + 0.3 * answer + Math.sqrt(LEAST) * random.nextGaussian();
        if (t >= BEFORE) {
          int row = (t - BEFORE) * batch + b;
          inputs.set(row, 0, valve[t]);
          inputs.set(row, 1, sensor);
          targets.set(row, 0, next);
        }
        sensor = next;
      }
    }
    return Batch.of(steps, batch, new Inputs.Vectors(inputs), new Targets.Values(targets));
  }

  @Override
  public Encoder encoder() {
    return new Encoder.Vectors(2);
  }

  @Override
  public Head head() {
    return new Head.Values(1, new ValueLoss.SquaredError());
  }

  /// What the valve adds is left, unless the answer comes at once.
  @Override
  public double baseline() {
    return LEAST + (rule.delay() == 0 ? 0 : 0.09 * rule.gain() * rule.gain());
  }

  @Override
  public GeneratedTask withSeed(long other) {
    return new DelayedResponse(steps, batch, precision, rule, other);
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
