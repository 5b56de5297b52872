package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the outputs of a network mean: which targets they are compared with and by which loss, what they say when the
/// network is used, and in which unit its loss is told. A linear readout makes the K outputs from what the last layer
/// puts out:
///
///     net_y(t) = W h(t) + b
///
/// Classes, values and sets are those of each step, or of a whole sequence ([PooledHead]); labels and tags are those of
/// whole sequences.
///
/// A network has one head, or [several][SeveralHeads].
///
/// **As text**: `classes`, `factored`, `sets`, `labels,blank=0`, `tags`, `values,squared_error`,
/// `values,huber,delta=1.0`, `classes,pooling=mean`; see [#text] and [#parse].
public sealed interface Head
    permits FactoredClasses,
        Head.Classes,
        Head.Labels,
        Head.Sets,
        Head.Tags,
        Head.Values,
        PooledHead,
        SeveralHeads {
  /// The readout's matrix `[K, H]`.
  String WEIGHT = "head.weight";

  /// The readout's bias `[K]`.
  String BIAS = "head.bias";

  /// K
  int outputs();

  /// What its loss is counted in, for one step or sequence.
  String unit();

  /// What it is, for [#parse] and people.
  String text();

  /// Checks that targets are of the kind that the outputs are compared with.
  ///
  /// **Errors**: [IllegalArgumentException] that names both.
  default void check(Targets targets) {
    if (!takes(targets.plain())) {
      throw new Refusal(
          "targets", "those of a head of " + text(), targets.plain().getClass().getSimpleName());
    }
  }

  /// Whether the outputs can be compared with such targets, which have no weights.
  boolean takes(Targets targets);

  /// By which loss values are compared; empty unless [Targets.Values] are taken.
  default Optional<ValueLoss> valueLoss() {
    return Optional.empty();
  }

  /// Which one vector of a sequence is read out; empty if the outputs are those of each step.
  default Optional<Pooling> pooled() {
    return Optional.empty();
  }

  /// Whether all outputs are those of each step: none is pooled.
  default boolean isOfSteps() {
    return pooled().isEmpty();
  }

  /// What the network says at one step, or of one sequence.
  ///
  /// @param outputs net_y, `[T*B, K]`, or `[B, K]` if they are pooled
  /// @param row whose step or sequence
  /// @return the probabilities of K classes, or of each of K numbers to be in the set, or the N values
  double[] prediction(Matrix outputs, int row);

  /// Its own parameters by name, with their shapes.
  ///
  /// @param width H, what the last layer puts out
  /// @param hasWeight whether the matrix is its own, and not that of the embedding
  /// @param hasBias whether there is a bias
  default Map<String, List<Integer>> shapes(int width, boolean hasWeight, boolean hasBias) {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    if (hasWeight) {
      shapes.put(WEIGHT, List.of(outputs(), width));
    }
    if (hasBias) {
      shapes.put(BIAS, List.of(outputs()));
    }
    return shapes;
  }

  /// One of K classes at each step, by softmax: its targets are right classes, all, [sampled][Targets.Sampled] or
  /// [smoothed][Targets.SmoothedClasses], or [distributions][Targets.Distributions].
  ///
  /// @param classes K
  record Classes(int classes) implements Head {
    /// Checks the number.
    public Classes {
      Expect.positive("classes", "K", classes);
    }

    @Override
    public int outputs() {
      return classes;
    }

    @Override
    public String unit() {
      return "nats";
    }

    @Override
    public String text() {
      return HeadText.CLASSES;
    }

    @Override
    public boolean takes(Targets targets) {
      return switch (targets) {
        case Targets.Classes _,
            Targets.Sampled _,
            Targets.SmoothedClasses _,
            Targets.Distributions _ ->
            true;
        case Targets.Values _,
            Targets.Labels _,
            Targets.Tags _,
            WeightedTargets _,
            SeveralTargets _ ->
            false;
      };
    }

    @Override
    public double[] prediction(Matrix outputs, int row) {
      return Predictions.softmax(outputs, row);
    }
  }

  /// N values at each step, compared by a loss: its targets are values.
  ///
  /// @param numbers N
  /// @param loss of which each value takes one output or several
  record Values(int numbers, ValueLoss loss) implements Head {
    /// Checks the number.
    public Values {
      Expect.positive("numbers", "N", numbers);
      Expect.given("loss", loss);
      if ((long) numbers * loss.outputsPerNumber() > Integer.MAX_VALUE) {
        throw new Refusal("numbers", "fewer than 2^31 outputs", "N=" + numbers);
      }
    }

    @Override
    public int outputs() {
      return numbers * loss.outputsPerNumber();
    }

    @Override
    public String unit() {
      return loss.unit();
    }

    @Override
    public String text() {
      return HeadText.VALUES + "," + loss.text();
    }

    @Override
    public boolean takes(Targets targets) {
      return targets instanceof Targets.Values;
    }

    @Override
    public Optional<ValueLoss> valueLoss() {
      return Optional.of(loss);
    }

    /// What the loss calls the value: the output itself, the location of a distribution, a mean, a quantile.
    @Override
    public double[] prediction(Matrix outputs, int row) {
      int first = loss.valueOutput() * numbers;
      return Predictions.of(outputs.columns(first, numbers), row, numbers, loss::value);
    }

    /// How one of the N numbers of a step is distributed; empty if the loss does not say ([ValueLoss#distribution]).
    ///
    /// @param outputs net_y, as for [#prediction]
    public Optional<Distribution> distribution(Matrix outputs, int row, int number) {
      double[] own = new double[loss.outputsPerNumber()];
      Arrays.setAll(own, part -> outputs.get(row, part * numbers + number));
      return loss.distribution(own);
    }
  }

  /// A set of the numbers from 0 to K - 1 at each step: output k is the net input of a sigmoid that tells how likely k
  /// is in it. Its targets are vectors of K ones and zeros as values, compared by [ValueLoss.SigmoidCrossEntropy].
  ///
  /// @param numbers K
  record Sets(int numbers) implements Head {
    private static final ValueLoss LOSS = new ValueLoss.SigmoidCrossEntropy();

    /// Checks the number.
    public Sets {
      Expect.positive("numbers", "K", numbers);
    }

    @Override
    public int outputs() {
      return numbers;
    }

    @Override
    public String unit() {
      return LOSS.unit();
    }

    @Override
    public String text() {
      return HeadText.SETS;
    }

    @Override
    public boolean takes(Targets targets) {
      return targets instanceof Targets.Values;
    }

    @Override
    public Optional<ValueLoss> valueLoss() {
      return Optional.of(LOSS);
    }

    @Override
    public double[] prediction(Matrix outputs, int row) {
      return Predictions.of(outputs, row, numbers, LOSS::value);
    }
  }

  /// The labels of whole sequences, without the steps at which they are: connectionist temporal classification over K
  /// classes, of which one says nothing. Its targets are [Targets.Labels].
  ///
  /// @param classes K
  /// @param blank the class that says nothing
  record Labels(int classes, int blank) implements Head {
    /// Checks the numbers.
    public Labels {
      Expect.positive("classes", "K", classes);
      if (blank < 0 || blank >= classes) {
        throw new Refusal("blank", "0 to K-1=" + (classes - 1), blank);
      }
    }

    @Override
    public int outputs() {
      return classes;
    }

    @Override
    public String unit() {
      return "nats";
    }

    @Override
    public String text() {
      return HeadText.LABELS + "," + HeadText.BLANK + blank;
    }

    @Override
    public boolean takes(Targets targets) {
      return targets instanceof Targets.Labels;
    }

    @Override
    public double[] prediction(Matrix outputs, int row) {
      return Predictions.softmax(outputs, row);
    }
  }

  /// A tag of K for each step of whole sequences, each depending on the one before: a linear-chain conditional random
  /// field, whose emissions are the outputs ([LinearChain]). Beside the readout it has `head.transitions [K, K]`, from
  /// the tag of the row to that of the column, `head.start [K]` and `head.end [K]`, which are 0 at first. Its targets
  /// are [Targets.Tags].
  ///
  /// @param tags K
  ///
  /// **Source**: J. Lafferty, A. McCallum and F. Pereira, Conditional random fields, ICML 2001; G. Lample et al.,
  /// Neural architectures for named entity recognition, NAACL 2016, for one on a recurrent network.
  record Tags(int tags) implements Head {
    /// The scores of one tag after another `[K, K]`.
    public static final String TRANSITIONS = "head.transitions";

    /// The scores of the first tag `[K]`.
    public static final String START = "head.start";

    /// The scores of the last tag `[K]`.
    public static final String END = "head.end";

    /// Checks the number.
    public Tags {
      Expect.positive("tags", "K", tags);
    }

    @Override
    public int outputs() {
      return tags;
    }

    @Override
    public String unit() {
      return "nats";
    }

    @Override
    public String text() {
      return HeadText.TAGS;
    }

    @Override
    public boolean takes(Targets targets) {
      return targets instanceof Targets.Tags;
    }

    /// What the outputs of the step alone say; what those of the whole sequence do, [LinearChain] tells.
    @Override
    public double[] prediction(Matrix outputs, int row) {
      return Predictions.softmax(outputs, row);
    }

    @Override
    public Map<String, List<Integer>> shapes(int width, boolean hasWeight, boolean hasBias) {
      Map<String, List<Integer>> shapes = Head.super.shapes(width, hasWeight, hasBias);
      shapes.put(TRANSITIONS, List.of(tags, tags));
      shapes.put(START, List.of(tags));
      shapes.put(END, List.of(tags));
      return shapes;
    }
  }

  /// The head that `text` says, as [#text] writes it.
  ///
  /// @param outputs K
  ///
  /// **Errors**: [IllegalArgumentException] if it says none, or one that has not K outputs.
  static Head parse(String text, int outputs) {
    return HeadText.parse(Expect.given("head", text), outputs);
  }
}
