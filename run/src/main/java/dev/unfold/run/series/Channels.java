package dev.unfold.run.series;

import dev.unfold.data.profile.Frequency;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All channels of a panel, as a model reads them.
///
/// @param all series by series, target by target
/// @param targets how many a series has
record Channels(List<Channel> all, int targets) {

  /// The channels of `panel`.
  ///
  /// **Errors**: [DataException] if its columns or frequency are not those that the model knows.
  static Channels of(Panel panel, SeriesSpec spec) {
    boolean areRows = spec.isOfRows() && panel.frequency().unit() == spec.frequency().unit();
    if (!areRows && !panel.frequency().equals(spec.frequency())) {
      throw new DataException(
          "expected series with a value %s, as the model was trained on, got one %s"
              .formatted(spec.frequency().text(), panel.frequency().text()));
    }
    if (!panel.numbers().equals(spec.numbers()) || !panel.texts().equals(spec.texts())) {
      throw new DataException(
          "expected columns of numbers %s and of texts %s, got %s and %s"
              .formatted(spec.numbers(), spec.texts(), panel.numbers(), panel.texts()));
    }
    int[][] codes = new int[spec.texts().size()][];
    for (int c = 0; c < codes.length; c++) {
      codes[c] = codes(panel.dictionary().get(c), spec.vocabularies().get(c));
    }
    List<Channel> all = new ArrayList<>();
    for (Series read : panel.series()) {
      Series series = areRows ? goingOn(read, spec.frequency()) : read;
      for (int target = 0; target < spec.targets(); target++) {
        all.add(Channel.of(spec, series, target, codes));
      }
    }
    return new Channels(List.copyOf(all), spec.targets());
  }

  /// The same series, where rows to come follow by the distance that the model knows.
  private static Series goingOn(Series of, Frequency frequency) {
    return new Series(
        of.name(), of.keys(), of.timeline().withFrequency(frequency), of.numbers(), of.texts());
  }

  /// The model's number of each text of a dictionary: from 1, and 0 for one that it does not know.
  private static int[] codes(List<String> dictionary, List<String> vocabulary) {
    Map<String, Integer> known = new HashMap<>();
    for (String word : vocabulary) {
      known.put(word, known.size() + 1);
    }
    return dictionary.stream().mapToInt(word -> known.getOrDefault(word, 0)).toArray();
  }
}
