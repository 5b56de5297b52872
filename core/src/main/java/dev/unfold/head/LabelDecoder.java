package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Finds the labels of sequences in the outputs of [Head.Labels]. A path is a class for each step; it says the classes
/// that are no blank, where one that is repeated counts once unless a blank is between. With o(t) = softmax(net_y(t)),
/// a path's probability is the product of its o(t), and that of labels the sum over all paths that say them.
///
/// **Search** goes from step to step with the W most likely beginnings of labels. With b(l) and n(l) for the
/// probability of all paths so far that say l and end with a blank, or with the last of l,
///
///     b'(l) = o_blank (b(l) + n(l))
///     n'(l) = o_k n(l) + o_k (b(l-) + [k is not the last of l-] n(l-))        k the last of l, l- all before it
///
/// in logarithms and in double. With W as large as there are beginnings it is exact; with fewer a probability lacks the
/// paths whose beginnings were given up.
///
/// **Threads**: any number.
///
/// **Source**: A. Graves, S. Fernandez, F. Gomez and J. Schmidhuber, Connectionist temporal classification, ICML 2006,
/// for best paths; A. Y. Hannun, A. L. Maas, D. Jurafsky and A. Y. Ng, First-pass large vocabulary continuous speech
/// recognition using bi-directional recurrent DNNs, 2014, for the search.
public final class LabelDecoder {
  private final int classes;
  private final int blank;

  private LabelDecoder(Head.Labels head) {
    classes = head.classes();
    blank = head.blank();
  }

  /// For the outputs of a network with this head.
  public static LabelDecoder of(Head.Labels head) {
    return new LabelDecoder(Expect.given("head", head));
  }

  /// What the most likely path of each sequence says, with the probability of that path alone; of equally likely
  /// classes the lowest.
  ///
  /// @param outputs of T steps of B sequences, row t*B + b for step t of sequence b
  /// @param lengths how many steps each of the B has, from the first on
  ///
  /// **Errors**: [IllegalArgumentException] if there are other than K columns, no T*B rows, or a length is not within 0
  /// to T.
  public List<Labelling> greedy(Matrix outputs, int... lengths) {
    Matrix here = checked(outputs, lengths);
    return IntStream.range(0, lengths.length)
        .mapToObj(b -> greedy(here, b, lengths.length, lengths[b]))
        .toList();
  }

  /// The most likely labels of each sequence with their probability, the most likely first.
  ///
  /// @param beams W, and the most labels that there are of a sequence
  /// @param outputs as for [#greedy]
  ///
  /// **Errors**: as for [#greedy], and for W below 1.
  public List<List<Labelling>> search(int beams, Matrix outputs, int... lengths) {
    Expect.positive("beams", "W", beams);
    Matrix here = checked(outputs, lengths);
    return IntStream.range(0, lengths.length)
        .mapToObj(b -> search(beams, here, b, lengths.length, lengths[b]))
        .toList();
  }

  private Matrix checked(Matrix outputs, int... lengths) {
    int batch = lengths.length;
    if (Expect.given("outputs", outputs).cols() != classes) {
      throw new Refusal("outputs", "K=%d columns".formatted(classes), outputs.cols());
    }
    if (batch == 0 || outputs.rows() % batch != 0) {
      throw new Refusal("outputs", "T*B rows, B=%d".formatted(batch), outputs.rows());
    }
    for (int length : lengths) {
      if (length < 0 || length > outputs.rows() / batch) {
        throw new Refusal("lengths", "0 to T=%d".formatted(outputs.rows() / batch), length);
      }
    }
    return outputs.toHost();
  }

  private Labelling greedy(Matrix outputs, int b, int batch, int steps) {
    IntStream.Builder labels = IntStream.builder();
    double sum = 0;
    int before = blank;
    for (int t = 0; t < steps; t++) {
      double[] logarithms = logarithms(outputs, t * batch + b);
      int best = 0;
      for (int k = 1; k < classes; k++) {
        best = logarithms[k] > logarithms[best] ? k : best;
      }
      sum += logarithms[best];
      if (best != blank && best != before) {
        labels.add(best);
      }
      before = best;
    }
    return new Labelling(labels.build().toArray(), sum);
  }

  /// ln o of a row.
  private double[] logarithms(Matrix outputs, int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      largest = Math.max(largest, outputs.get(row, k));
    }
    double sum = 0;
    double[] logarithms = new double[classes];
    for (int k = 0; k < classes; k++) {
      logarithms[k] = outputs.get(row, k) - largest;
      sum += Math.exp(logarithms[k]);
    }
    for (int k = 0; k < classes; k++) {
      logarithms[k] -= Math.log(sum);
    }
    return logarithms;
  }

  /// A beginning of labels: the one before it and one more.
  private static final class Beginning {
    final Beginning before;
    final int last;
    final int length;
    final Map<Integer, Beginning> longer = new HashMap<>();

    /// ln b and ln n
    double blank = Double.NEGATIVE_INFINITY;

    double label = Double.NEGATIVE_INFINITY;

    /// Those of the next step, and whether there are any.
    double nextBlank = Double.NEGATIVE_INFINITY;

    double nextLabel = Double.NEGATIVE_INFINITY;
    boolean isNext;

    Beginning(Beginning before, int last) {
      this.before = before;
      this.last = last;
      length = before == null ? 0 : before.length + 1;
    }

    double total() {
      return add(blank, label);
    }

    void step() {
      blank = nextBlank;
      label = nextLabel;
      nextBlank = Double.NEGATIVE_INFINITY;
      nextLabel = Double.NEGATIVE_INFINITY;
      isNext = false;
    }

    /// It begins anew if the search comes back to it.
    void giveUp() {
      step();
      if (before != null && longer.isEmpty()) {
        before.longer.remove(last);
      }
    }

    Labelling labelling() {
      int[] labels = new int[length];
      Beginning own = this;
      for (int i = length - 1; i >= 0; i--) {
        labels[i] = own.last;
        own = own.before;
      }
      return new Labelling(labels, total());
    }
  }

  private List<Labelling> search(int beams, Matrix outputs, int b, int batch, int steps) {
    Beginning none = new Beginning(null, blank);
    none.blank = 0;
    List<Beginning> kept = List.of(none);
    for (int t = 0; t < steps; t++) {
      double[] logarithms = logarithms(outputs, t * batch + b);
      List<Beginning> next = new ArrayList<>();
      for (Beginning own : kept) {
        extend(own, logarithms, next);
      }
      next.forEach(Beginning::step);
      next.sort(Comparator.comparingDouble(Beginning::total).reversed());
      kept = next.subList(0, Math.min(beams, next.size()));
      next.subList(kept.size(), next.size()).forEach(Beginning::giveUp);
    }
    return kept.stream().map(Beginning::labelling).toList();
  }

  private void extend(Beginning own, double[] logarithms, List<Beginning> next) {
    double total = own.total();
    mark(own, next);
    own.nextBlank = add(own.nextBlank, total + logarithms[blank]);
    if (own.length > 0) {
      own.nextLabel = add(own.nextLabel, own.label + logarithms[own.last]);
    }
    for (int k = 0; k < classes; k++) {
      if (k == blank) {
        continue;
      }
      double sum = own.length > 0 && k == own.last ? own.blank : total;
      if (sum + logarithms[k] > Double.NEGATIVE_INFINITY) {
        int last = k;
        Beginning longer = own.longer.computeIfAbsent(k, _ -> new Beginning(own, last));
        mark(longer, next);
        longer.nextLabel = add(longer.nextLabel, sum + logarithms[k]);
      }
    }
  }

  private static void mark(Beginning own, List<Beginning> next) {
    if (!own.isNext) {
      own.isNext = true;
      next.add(own);
    }
  }

  /// ln(e^a + e^b)
  private static double add(double a, double b) {
    double larger = Math.max(a, b);
    return larger == Double.NEGATIVE_INFINITY
        ? larger
        : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
  }
}
