package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.run.score.LabelScore;
import dev.unfold.run.score.Reliability;
import dev.unfold.run.score.SpanScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// How well a model gives labels, beside what a sceptic would guess from the training part without a network: its most
/// frequent class, and for tags the most frequent one of each word.
///
/// @param score of the model; labels that the training part has not are classes beside the others, and always wrong
/// @param unseen how many labels the training part has not
/// @param majority the most frequent class of the training part
/// @param majorityRight how many are of it
/// @param words for tags; empty for whole sequences
/// @param spans by both conventions, for tags of chunks
/// @param reliability of the probabilities that labels were said with
public record LabelEvaluation(
    LabelScore score,
    long unseen,
    String majority,
    long majorityRight,
    Optional<Words> words,
    List<SpanScore> spans,
    Reliability reliability) {
  /// Tags by what the training part has of their words.
  ///
  /// @param known how many are of words that the training part has
  /// @param knownRight how many of those are right
  /// @param unknown how many are of others
  /// @param unknownRight how many of those are right
  /// @param usualRight how many would be right if each word had the tag that it has most often there, and others the
  ///     most frequent one
  public record Words(
      long known, long knownRight, long unknown, long unknownRight, long usualRight) {}

  /// How many there are.
  public long total() {
    return score.total();
  }

  static LabelEvaluation of(LabelModel model, LabelledData data) {
    Labelling labelling = model.labelling();
    Map<String, Integer> numbers = labelling.numbers();
    TreeSet<String> others = new TreeSet<>();
    data.sequences().forEach(sequence -> others.addAll(sequence.labels()));
    others.removeAll(numbers.keySet());
    List<String> names = new ArrayList<>(labelling.labels());
    others.forEach(name -> {
      numbers.put(name, names.size());
      names.add(name);
    });
    Counting counting = new Counting(labelling, numbers, new LabelScore(names));
    List<LabelledSequence> all = data.sequences();
    for (int from = 0; from < all.size(); from += LabelTask.SIDE_BY_SIDE) {
      List<LabelledSequence> part =
          all.subList(from, Math.min(from + LabelTask.SIDE_BY_SIDE, all.size()));
      List<LabelPrediction> said = model.predict(part);
      for (int i = 0; i < part.size(); i++) {
        counting.add(part.get(i), said.get(i));
      }
    }
    return counting.result();
  }

  private static final class Counting {
    private final Labelling labelling;
    private final Map<String, Integer> numbers;
    private final LabelScore score;
    private final List<SpanScore> spans = new ArrayList<>();
    private final Reliability reliability = new Reliability();
    private long unseen;
    private long majorityRight;
    private long known;
    private long knownRight;
    private long unknownRight;
    private long usualRight;

    Counting(Labelling labelling, Map<String, Integer> numbers, LabelScore score) {
      this.labelling = labelling;
      this.numbers = numbers;
      this.score = score;
      if (labelling.kind() == Labelling.Kind.TAGS && Decoding.isBio(score.labels())) {
        for (SpanScore.Convention convention : SpanScore.Convention.values()) {
          spans.add(new SpanScore(convention));
        }
      }
    }

    void add(LabelledSequence sequence, LabelPrediction prediction) {
      List<String> labels = sequence.labels();
      if (labels.size() != prediction.labels().size()) {
        throw new Refusal(
            "labels", "%d of each sequence".formatted(prediction.labels().size()), labels.size());
      }
      spans.forEach(score -> score.add(labels, prediction.labels()));
      int width = labelling.steps().texts().size();
      for (int i = 0; i < labels.size(); i++) {
        int right = numbers.get(labels.get(i));
        int said = numbers.get(prediction.labels().get(i));
        score.add(right, said);
        double probability = prediction.probabilities().get(i)[said];
        if (right == said) {
          reliability.addRight(probability);
        } else {
          reliability.addWrong(probability);
        }
        unseen += right >= labelling.labels().size() ? 1 : 0;
        majorityRight += right == labelling.majority() ? 1 : 0;
        if (labelling.kind() == Labelling.Kind.TAGS && width > 0) {
          addWord(sequence.texts().get(i * width), right, said);
        }
      }
    }

    private void addWord(String word, int right, int said) {
      Integer usual = labelling.words().get(word);
      int hit = right == said ? 1 : 0;
      if (usual == null) {
        unknownRight += hit;
      } else {
        known++;
        knownRight += hit;
      }
      usualRight += right == (usual == null ? labelling.majority() : usual) ? 1 : 0;
    }

    LabelEvaluation result() {
      boolean hasWords = !labelling.words().isEmpty();
      return new LabelEvaluation(
          score,
          unseen,
          labelling.labels().get(labelling.majority()),
          majorityRight,
          hasWords
              ? Optional.of(
                  new Words(known, knownRight, score.total() - known, unknownRight, usualRight))
              : Optional.empty(),
          spans,
          reliability);
    }
  }
}
