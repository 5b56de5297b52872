package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All that a model of labels knows beside its network.
///
/// @param kind whether a sequence has one label, or each step
/// @param steps what is read
/// @param labels the names of the K classes
/// @param counts how many of the training part have each
/// @param decoding how tags are found
/// @param words for each word of the training part which label it has most often; empty for whole sequences
/// @param files how its files are read, [LabelFormat#described]
record Labelling(
    Kind kind,
    StepEncoding steps,
    List<String> labels,
    List<Long> counts,
    Decoding decoding,
    Map<String, Integer> words,
    Map<String, String> files) {
  /// What has a label.
  enum Kind {
    /// A whole sequence.
    CLASSIFY("classify", "sequence"),
    /// Each step of it.
    TAGS("tags", "step");

    private final String task;
    private final String unit;

    Kind(String task, String unit) {
      this.task = task;
      this.unit = unit;
    }

    /// As a model's description says it.
    String task() {
      return task;
    }

    String unit() {
      return unit;
    }

    /// Checks that each sequence has what is to be learnt.
    void expectLabels(String name, LabelledData data) {
      for (LabelledSequence sequence : data.sequences()) {
        int expected = this == CLASSIFY ? 1 : sequence.steps();
        if (sequence.labels().size() != expected) {
          throw new Refusal(
              name,
              "a label for each %s".formatted(unit),
              "%d of %d steps".formatted(sequence.labels().size(), sequence.steps()));
        }
      }
    }
  }

  /// Copies the lists.
  Labelling {
    labels = List.copyOf(labels);
    counts = List.copyOf(counts);
    words = Map.copyOf(words);
    files = Map.copyOf(files);
  }

  /// That of a training part.
  static Labelling of(Kind kind, LabelledData training, StepEncoding steps) {
    Map<String, Long> counts = new TreeMap<>();
    for (LabelledSequence sequence : training.sequences()) {
      sequence.labels().forEach(label -> counts.merge(label, 1L, Long::sum));
    }
    List<String> labels = List.copyOf(counts.keySet());
    return new Labelling(
        kind,
        steps,
        labels,
        List.copyOf(counts.values()),
        Decoding.usual(labels),
        kind == Kind.TAGS ? WordTags.of(training, labels) : Map.of(),
        training.format().described());
  }

  /// The same with another way to find tags.
  Labelling with(Decoding other) {
    return new Labelling(kind, steps, labels, counts, other, words, files);
  }

  /// The number of each label.
  Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    for (int k = 0; k < labels.size(); k++) {
      numbers.put(labels.get(k), k);
    }
    return numbers;
  }

  /// Which label most of the training part have.
  int majority() {
    int best = 0;
    for (int k = 1; k < counts.size(); k++) {
      best = counts.get(k) > counts.get(best) ? k : best;
    }
    return best;
  }

  /// What is to be learnt of a sequence; a label that the training part has not counts nowhere.
  Example example(LabelledSequence sequence, Map<String, Integer> numbers, ElementType type) {
    Inputs inputs = steps.inputs(sequence, type);
    int[] targets = new int[sequence.steps()];
    Arrays.fill(targets, Targets.NO_TARGET);
    if (kind == Kind.CLASSIFY) {
      targets[targets.length - 1] = number(sequence.labels().getFirst(), numbers);
      return Example.ofClasses(inputs, targets);
    }
    for (int t = 0; t < targets.length; t++) {
      targets[t] = number(sequence.labels().get(t), numbers);
    }
    if (decoding != Decoding.CRF) {
      return Example.ofClasses(inputs, targets);
    }
    boolean isKnown = Arrays.stream(targets).noneMatch(target -> target == Targets.NO_TARGET);
    if (!isKnown) {
      Arrays.fill(targets, Targets.NO_TARGET);
    }
    return Example.ofTags(inputs, targets);
  }

  private static int number(String label, Map<String, Integer> numbers) {
    return numbers.getOrDefault(label, Targets.NO_TARGET);
  }
}
