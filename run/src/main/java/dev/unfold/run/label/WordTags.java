package dev.unfold.run.label;

import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The label that each word has most often in a training part: what a sceptic would guess.
final class WordTags {
  private WordTags() {}

  /// For each word the place of its label, of several the first.
  static Map<String, Integer> of(LabelledData training, List<String> labels) {
    Map<String, Integer> numbers = new HashMap<>();
    for (int k = 0; k < labels.size(); k++) {
      numbers.put(labels.get(k), k);
    }
    Map<String, Map<Integer, Integer>> counts = new HashMap<>();
    int width = training.texts().size();
    for (LabelledSequence sequence : training.sequences()) {
      for (int t = 0; width > 0 && t < sequence.steps(); t++) {
        counts
            .computeIfAbsent(sequence.texts().get(t * width), _ -> new HashMap<>())
            .merge(numbers.get(sequence.labels().get(t)), 1, Integer::sum);
      }
    }
    Map<String, Integer> words = new HashMap<>();
    counts.forEach((word, all) -> words.put(word, best(all)));
    return words;
  }

  private static int best(Map<Integer, Integer> counts) {
    int best = -1;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      boolean isBetter =
          best < 0
              || entry.getValue() > counts.get(best)
              || (entry.getValue().equals(counts.get(best)) && entry.getKey() < best);
      best = isBetter ? entry.getKey() : best;
    }
    return best;
  }
}
