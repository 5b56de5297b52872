package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A linear-chain conditional random field over K tags: what a sequence y of tags scores, given emissions e(t), K
/// numbers for each of its n steps, and with it how likely it is among all.
///
///     score(y) = start_{y(0)} + sum_t e_{y(t)}(t) + sum_{t>0} transitions_{y(t-1) y(t)} + end_{y(n-1)}
///     p(y) = exp(score(y)) / sum_y' exp(score(y'))
///
/// The best sequence is found by Viterbi's algorithm, sums over all of them by the forward-backward algorithm; O(n K^2)
/// each. A score of minus infinity forbids a start, a transition or an end: so [TagRules] constrain what is found, with
/// scores that were learned ([#with]) or over the logits of any network ([#of(TagRules)]).
///
///     LinearChain chain = new Runner(network).chain();
///     List<LinearChain.Path> paths = chain.best(runner.runWhole(inputs, lengths), lengths);
///
/// **Numbers**: in double. What is summed up to a step is kept as a logarithm, whatever its size; from step to step it
/// takes products alone unless a transition is out of the ordinary.
///
/// **Threads**: any number at once.
///
/// **Source**: J. Lafferty, A. McCallum and F. Pereira, Conditional random fields, ICML 2001; A. Viterbi, Error bounds
/// for convolutional codes, 1967; L. Rabiner, A tutorial on hidden Markov models, 1989, for forward-backward.
public final class LinearChain {
  /// Up to here a transition is a factor, exp(score), that takes no digits of a sum from the others: what becomes 0
  /// beside the largest term then is below e^-100 of it.
  private static final double ORDINARY = 300;

  final double[] start;
  final double[][] transitions;
  final double[] end;

  /// exp(transitions); null if one is out of the ordinary, as those that are forbidden.
  final double[][] factors;

  private LinearChain(double[] start, double[][] transitions, double[] end) {
    this.start = start;
    this.transitions = transitions;
    this.end = end;
    boolean isOrdinary =
        Arrays.stream(transitions)
            .flatMapToDouble(Arrays::stream)
            .allMatch(score -> Math.abs(score) <= ORDINARY);
    factors =
        isOrdinary
            ? Arrays.stream(transitions)
                .map(row -> Arrays.stream(row).map(Math::exp).toArray())
                .toArray(double[][]::new)
            : null;
  }

  /// A chain with these scores, of which a copy is taken.
  ///
  /// @param start `[1, K]`
  /// @param transitions from the tag of the row to that of the column, `[K, K]`
  /// @param end `[1, K]`
  ///
  /// **Errors**: [IllegalArgumentException] if they have other sizes.
  public static LinearChain of(Matrix start, Matrix transitions, Matrix end) {
    int tags = Expect.given("start", start).cols();
    expectShape("start", 1, tags, start);
    expectShape("transitions", tags, tags, Expect.given("transitions", transitions));
    expectShape("end", 1, tags, Expect.given("end", end));
    return new LinearChain(numbers(start)[0], numbers(transitions), numbers(end)[0]);
  }

  /// A chain whose sequences score what their emissions do, as long as `rules` allow them.
  public static LinearChain of(TagRules rules) {
    int tags = Expect.given("rules", rules).tags();
    return new LinearChain(new double[tags], new double[tags][tags], new double[tags]).with(rules);
  }

  private static void expectShape(String name, int rows, int cols, Matrix got) {
    if (got.rows() != rows || got.cols() != cols) {
      throw new Refusal(
          name, "[%d, %d]".formatted(rows, cols), "[%d, %d]".formatted(got.rows(), got.cols()));
    }
  }

  private static double[][] numbers(Matrix of) {
    Matrix here = of.toHost();
    double[][] numbers = new double[here.rows()][here.cols()];
    for (int row = 0; row < here.rows(); row++) {
      for (int col = 0; col < here.cols(); col++) {
        numbers[row][col] = here.get(row, col);
      }
    }
    return numbers;
  }

  /// The same chain without what `rules` forbid.
  ///
  /// **Errors**: [IllegalArgumentException] if they are of another number of tags.
  public LinearChain with(TagRules rules) {
    if (Expect.given("rules", rules).tags() != tags()) {
      throw new Refusal("rules", "K=%d tags".formatted(tags()), rules.tags());
    }
    double[][] allowed = new double[tags()][];
    Arrays.setAll(allowed, i -> allowed(transitions[i], rules.transitions()[i]));
    return new LinearChain(allowed(start, rules.starts()), allowed, allowed(end, rules.ends()));
  }

  private static double[] allowed(double[] scores, boolean[] mask) {
    double[] some = scores.clone();
    for (int k = 0; k < some.length; k++) {
      some[k] = mask[k] ? some[k] : Double.NEGATIVE_INFINITY;
    }
    return some;
  }

  /// K
  public int tags() {
    return start.length;
  }

  /// A sequence of tags.
  ///
  /// @param tags one for each step
  /// @param score what it scores
  public record Path(int[] tags, double score) {}

  /// The best path of each sequence; of those that are equally good the one with the lower tag at the last step where
  /// they differ. That of a sequence of no steps is empty.
  ///
  /// @param emissions of T steps of B sequences, row t*B + b for step t of sequence b
  /// @param lengths how many steps each of the B has, from the first on
  ///
  /// **Errors**: [IllegalArgumentException] if there are other than K columns, no T*B rows, a length is not within 0 to
  /// T, or no path of a sequence is allowed.
  public List<Path> best(Matrix emissions, int... lengths) {
    Matrix here = checked(emissions, lengths);
    List<Path> paths = new ArrayList<>();
    for (int b = 0; b < lengths.length; b++) {
      paths.add(bestOf(here, b, rows(b, lengths)));
    }
    return paths;
  }

  /// How likely each tag is at each step: row t*B + b for step t of sequence b, zeros where it has none. A copy.
  ///
  /// @param emissions as for [#best]
  ///
  /// **Errors**: as for [#best].
  public Matrix marginals(Matrix emissions, int... lengths) {
    Matrix here = checked(emissions, lengths);
    Matrix all = Matrix.onHeap(ElementType.FLOAT64, here.rows(), tags());
    for (int b = 0; b < lengths.length; b++) {
      int[] rows = rows(b, lengths);
      Posterior posterior = posterior(here, rows);
      for (int t = 0; t < rows.length; t++) {
        for (int k = 0; k < tags(); k++) {
          double own = posterior.marginal(t, k);
          if (Double.isNaN(own)) {
            throw noPath(b);
          }
          all.set(rows[t], k, own);
        }
      }
    }
    return all;
  }

  private Matrix checked(Matrix emissions, int... lengths) {
    int batch = Expect.given("lengths", lengths).length;
    Expect.positive("lengths", "B", batch);
    if (Expect.given("emissions", emissions).cols() != tags()) {
      throw new Refusal("emissions", "K=%d columns".formatted(tags()), emissions.cols());
    }
    if (emissions.rows() % batch != 0) {
      throw new Refusal("emissions", "a multiple of B=%d rows".formatted(batch), emissions.rows());
    }
    for (int length : lengths) {
      if (length < 0 || length > emissions.rows() / batch) {
        throw new Refusal("lengths", "0 to T=%d".formatted(emissions.rows() / batch), length);
      }
    }
    return emissions.toHost();
  }

  private static int[] rows(int b, int... lengths) {
    int[] rows = new int[lengths[b]];
    Arrays.setAll(rows, t -> t * lengths.length + b);
    return rows;
  }

  private static Refusal noPath(int b) {
    return new Refusal(
        "rules", "a path that they allow for each sequence", "none for sequence " + b);
  }

  private Path bestOf(Matrix emissions, int b, int... rows) {
    int steps = rows.length;
    if (steps == 0) {
      return new Path(new int[0], 0);
    }
    int[][] before = new int[steps][tags()];
    double[] scores = new double[tags()];
    Arrays.setAll(scores, k -> start[k] + emissions.get(rows[0], k));
    for (int t = 1; t < steps; t++) {
      double[] own = new double[tags()];
      for (int k = 0; k < tags(); k++) {
        before[t][k] = bestBefore(scores, k);
        double reached = scores[before[t][k]] + transitions[before[t][k]][k];
        own[k] = reached + emissions.get(rows[t], k);
      }
      scores = own;
    }
    int last = 0;
    for (int k = 1; k < tags(); k++) {
      last = scores[k] + end[k] > scores[last] + end[last] ? k : last;
    }
    double score = scores[last] + end[last];
    if (score == Double.NEGATIVE_INFINITY) {
      throw noPath(b);
    }
    int[] tags = new int[steps];
    for (int t = steps - 1; t >= 0; t--) {
      tags[t] = last;
      last = before[t][last];
    }
    return new Path(tags, score);
  }

  private int bestBefore(double[] scores, int to) {
    int best = 0;
    for (int k = 1; k < scores.length; k++) {
      best = scores[k] + transitions[k][to] > scores[best] + transitions[best][to] ? k : best;
    }
    return best;
  }

  /// Sets `sums` to ln sum_i exp(scores_i + transitions_ij) for each j.
  void goOn(double[] scores, double[] sums) {
    if (factors == null) {
      double[] terms = new double[sums.length];
      for (int j = 0; j < sums.length; j++) {
        for (int i = 0; i < terms.length; i++) {
          terms[i] = scores[i] + transitions[i][j];
        }
        sums[j] = logSum(terms);
      }
      return;
    }
    double largest = largest(scores);
    Arrays.fill(sums, 0);
    for (int i = 0; i < scores.length; i++) {
      double weight = Math.exp(scores[i] - largest);
      for (int j = 0; j < sums.length; j++) {
        sums[j] += weight * factors[i][j];
      }
    }
    for (int j = 0; j < sums.length; j++) {
      sums[j] = largest + Math.log(sums[j]);
    }
  }

  /// Sets `sums` to ln sum_j exp(transitions_ij + scores_j) for each i.
  void goBack(double[] scores, double[] sums) {
    double[] terms = new double[sums.length];
    double largest = largest(scores);
    for (int j = 0; j < terms.length && factors != null; j++) {
      terms[j] = Math.exp(scores[j] - largest);
    }
    for (int i = 0; i < sums.length; i++) {
      if (factors == null) {
        for (int j = 0; j < terms.length; j++) {
          terms[j] = transitions[i][j] + scores[j];
        }
        sums[i] = logSum(terms);
      } else {
        double sum = 0;
        for (int j = 0; j < terms.length; j++) {
          sum += factors[i][j] * terms[j];
        }
        sums[i] = largest + Math.log(sum);
      }
    }
  }

  static double largest(double... all) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double each : all) {
      largest = Math.max(largest, each);
    }
    return largest;
  }

  /// ln sum_i exp(x_i)
  static double logSum(double... all) {
    double largest = largest(all);
    if (largest == Double.NEGATIVE_INFINITY) {
      return largest;
    }
    double sum = 0;
    for (double each : all) {
      sum += Math.exp(each - largest);
    }
    return largest + Math.log(sum);
  }

  /// Sums over all paths of a sequence.
  ///
  /// @param emissions in the host's memory
  /// @param rows those of the sequence's steps
  public Posterior posterior(Matrix emissions, int... rows) {
    return new Posterior(this, emissions, rows);
  }
}
