package dev.unfold.run.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LinearChain;
import dev.unfold.head.PooledHead;
import dev.unfold.head.TagRules;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.run.output.ModelKind;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A trained network that gives sequences a label, or each of their steps.
///
/// **Threads**: any number at once.
public final class LabelModel {
  private static final String EXPECTED = "a model of classes or tags";

  private final Network network;
  private final Labelling labelling;
  private final Runner runner;

  /// Empty where each step is for itself.
  private final Optional<LinearChain> chain;

  LabelModel(Network network, Labelling labelling) {
    this.network = network;
    this.labelling = labelling;
    runner = new Runner(network);
    chain = chain();
  }

  private Optional<LinearChain> chain() {
    List<String> labels = labelling.labels();
    Optional<TagRules> rules =
        Decoding.isBio(labels) ? Optional.of(TagRules.bio(labels)) : Optional.empty();
    if (labelling.kind() == Labelling.Kind.CLASSIFY) {
      return Optional.empty();
    }
    return switch (labelling.decoding()) {
      case CRF -> {
        LinearChain learned = runner.chain();
        yield Optional.of(rules.map(learned::with).orElse(learned));
      }
      case CONSTRAINED -> rules.map(LinearChain::of);
      case FREE -> Optional.empty();
    };
  }

  /// Whether a network was trained to give labels.
  public static boolean isOne(NetworkModel model) {
    return Arrays.stream(Labelling.Kind.values())
        .anyMatch(kind -> kind.task().equals(Expect.given("model", model).task()));
  }

  /// The model of a file that was read.
  ///
  /// **Errors**: [FormatException] if it is none of labels.
  public static LabelModel of(Path file, Model model) {
    if (model instanceof NetworkModel network) {
      return of(file, network);
    }
    throw ModelKind.refusal(file, EXPECTED, model);
  }

  /// The same of a network.
  ///
  /// **Errors**: [FormatException] if it is none of labels.
  public static LabelModel of(Path file, NetworkModel model) {
    Expect.given("file", file);
    if (!isOne(model)) {
      throw ModelKind.refusal(file, EXPECTED, model);
    }
    try {
      Labelling labelling = LabellingText.parse(model.description());
      expectFits(labelling, model.network());
      LabelFormat.parse(labelling.files());
      return new LabelModel(model.network(), labelling);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": " + e.getMessage(), e);
    }
  }

  /// Reads a model.
  ///
  /// **Errors**: [FormatException] if the file is none of labels.
  static LabelModel load(Path file, Kernels kernels) {
    return of(file, ModelFile.load(file, kernels));
  }

  private static void expectFits(Labelling labelling, Network network) {
    Head head = network.spec().head();
    Head own = head instanceof PooledHead pooled ? pooled.head() : head;
    boolean isPooled = head instanceof PooledHead;
    boolean isRight =
        labelling.kind() == Labelling.Kind.CLASSIFY
            ? isPooled && own instanceof Head.Classes
            : !isPooled
                && (labelling.decoding() == Decoding.CRF
                    ? own instanceof Head.Tags
                    : own instanceof Head.Classes || own instanceof FactoredClasses);
    if (!isRight || head.outputs() != labelling.labels().size()) {
      throw new Refusal(
          "labels",
          "those of a head of %s with K=%d".formatted(head.text(), head.outputs()),
          labelling.labels().size());
    }
    if (!labelling.steps().fits(network.spec().encoder())) {
      throw new Refusal("numbers, category.*", "what the network reads", "others");
    }
  }

  /// Its network with all that is said of it.
  public NetworkModel model() {
    return NetworkModel.of(network, LabellingText.of(labelling));
  }

  /// What it was trained to do: `classify` or `tags`.
  public String task() {
    return labelling.kind().task();
  }

  /// Whether each step has a label, and not the sequence.
  public boolean isOfSteps() {
    return labelling.kind() == Labelling.Kind.TAGS;
  }

  /// The names of the K classes.
  public List<String> labels() {
    return labelling.labels();
  }

  Labelling labelling() {
    return labelling;
  }

  Network network() {
    return network;
  }

  /// How the files that it was trained on are read.
  public LabelFormat format() {
    return LabelFormat.parse(labelling.files());
  }

  /// What it says of a sequence.
  ///
  /// **Errors**: [dev.unfold.data.source.DataException] if it has other numbers and texts than those in training.
  public LabelPrediction predict(LabelledSequence sequence) {
    return predict(List.of(Expect.given("sequence", sequence))).getFirst();
  }

  /// What it says of each of several sequences: the same as if it were alone.
  public List<LabelPrediction> predict(List<LabelledSequence> sequences) {
    List<LabelPrediction> all = new ArrayList<>();
    Expect.given("sequences", sequences);
    for (int from = 0; from < sequences.size(); from += LabelTask.SIDE_BY_SIDE) {
      int until = Math.min(from + LabelTask.SIDE_BY_SIDE, sequences.size());
      all.addAll(predictBatch(sequences.subList(from, until)));
    }
    return all;
  }

  private List<LabelPrediction> predictBatch(List<LabelledSequence> sequences) {
    ElementType type = network.kernels().type();
    List<Example> examples =
        sequences.stream()
            .map(sequence -> {
              int[] none = new int[sequence.steps()];
              Arrays.fill(none, -1);
              return Example.ofClasses(labelling.steps().inputs(sequence, type), none);
            })
            .toList();
    int[] lengths = sequences.stream().mapToInt(LabelledSequence::steps).toArray();
    Matrix outputs = runner.runWhole(Batch.of(examples).inputs(), lengths);
    if (!isOfSteps()) {
      List<LabelPrediction> all = new ArrayList<>();
      for (int b = 0; b < lengths.length; b++) {
        double[] shares = network.spec().head().prediction(outputs, b);
        all.add(new LabelPrediction(List.of(label(best(shares))), List.of(shares)));
      }
      return all;
    }
    return tagged(outputs, lengths);
  }

  private List<LabelPrediction> tagged(Matrix outputs, int... lengths) {
    List<LinearChain.Path> paths =
        chain.map(scores -> scores.best(outputs, lengths)).orElse(List.of());
    boolean isField = labelling.decoding() == Decoding.CRF;
    Matrix marginals = isField ? chain.orElseThrow().marginals(outputs, lengths) : outputs;
    List<LabelPrediction> all = new ArrayList<>();
    for (int b = 0; b < lengths.length; b++) {
      List<String> labels = new ArrayList<>();
      List<double[]> shares = new ArrayList<>();
      for (int t = 0; t < lengths[b]; t++) {
        int row = t * lengths.length + b;
        double[] own =
            isField ? marginals.row(row) : network.spec().head().prediction(outputs, row);
        labels.add(label(paths.isEmpty() ? best(own) : paths.get(b).tags()[t]));
        shares.add(own);
      }
      all.add(new LabelPrediction(labels, shares));
    }
    return all;
  }

  private String label(int k) {
    return labelling.labels().get(k);
  }

  private static int best(double... shares) {
    int best = 0;
    for (int k = 1; k < shares.length; k++) {
      best = shares[k] > shares[best] ? k : best;
    }
    return best;
  }

  /// Batches of the beginnings of all sequences that are long enough, in their order, to follow errors on.
  ///
  /// @param steps T, or null for as many as half of the sequences have, up to 128
  /// @param batch B, fewer if there are not as many sequences
  /// @param most batches at most
  ///
  /// **Errors**: [IllegalArgumentException] if no sequence has as many steps.
  public List<Batch> batches(LabelledData data, Integer steps, int batch, int most) {
    int length = steps == null ? LabelTask.usualSteps(Expect.given("data", data)) : steps;
    return LabelTask.whole(labelling, data, network.kernels().precision(), length, batch, most);
  }

  /// How well it does on `data`, beside what a sceptic would guess.
  ///
  /// **Errors**: [IllegalArgumentException] if a sequence has no labels.
  public LabelEvaluation evaluate(LabelledData data) {
    return LabelEvaluation.of(this, Expect.given("data", data));
  }
}
