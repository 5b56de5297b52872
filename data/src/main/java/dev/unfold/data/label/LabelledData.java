package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Sequences with labels, whose steps all have the same numbers and texts.
///
/// @param numbers names of the N numbers of a step
/// @param texts names of the M texts of a step
/// @param sequences one or more
/// @param sources the files that they came from
/// @param format how such files are read
public record LabelledData(
    List<String> numbers,
    List<String> texts,
    List<LabelledSequence> sequences,
    List<Source> sources,
    LabelFormat format) {
  /// Copies the lists and checks the sizes.
  public LabelledData {
    numbers = List.copyOf(Expect.given("numbers", numbers));
    texts = List.copyOf(Expect.given("texts", texts));
    sequences = List.copyOf(Expect.given("sequences", sequences));
    sources = List.copyOf(Expect.given("sources", sources));
    Expect.given("format", format);
    if (sequences.isEmpty()) {
      throw new Refusal("sequences", "one or more", "none");
    }
    for (int s = 0; s < sequences.size(); s++) {
      LabelledSequence own = sequences.get(s);
      int ownNumbers = own.numbers().length / own.steps();
      int ownTexts = own.texts().size() / own.steps();
      if (ownNumbers != numbers.size() || ownTexts != texts.size()) {
        throw new Refusal(
            "sequences[" + s + "]",
            "%d numbers and %d texts at each step".formatted(numbers.size(), texts.size()),
            "%d and %d".formatted(ownNumbers, ownTexts));
      }
    }
  }

  /// Reads a file in UTF-8, whose sequences have their labels.
  ///
  /// **Errors**: [DataException] as of [LabelFormat].
  public static LabelledData read(Path file, LabelFormat format) {
    return Expect.given("format", format)
        .read(List.of(TableFile.of(file)), TableOptions.defaults(), LabelFormat.Labels.REQUIRED);
  }

  /// Sequences of words that come from no file.
  public static LabelledData ofWords(List<LabelledSequence> sequences) {
    List<String> words = List.of(LinesFormat.WORD);
    return new LabelledData(List.of(), words, sequences, List.of(), new TaggedFormat("", ""));
  }

  /// Sequences of events, or of numbers alone, that come from no file.
  ///
  /// @param numbers names of the N numbers of a step
  /// @param texts names of the M texts of a step, which are categories
  public static LabelledData ofEvents(
      List<String> numbers, List<String> texts, List<LabelledSequence> sequences) {
    LabelFormat none =
        texts.isEmpty() ? new SeriesFormat() : new EventsFormat("", "", "", numbers, texts);
    return new LabelledData(numbers, texts, sequences, List.of(), none);
  }

  /// Whether the texts of its steps are words, and not categories.
  public boolean isOfWords() {
    return !(format instanceof EventsFormat);
  }

  /// How many steps all of them have.
  public long steps() {
    return sequences.stream().mapToLong(LabelledSequence::steps).sum();
  }

  /// The same with other sequences.
  public LabelledData with(List<LabelledSequence> others) {
    return new LabelledData(numbers, texts, others, sources, format);
  }

  /// Two parts, drawn by `seed`, each in the order that is here.
  ///
  /// @param share of the second part, above 0 and below 1; each part has at least one sequence
  ///
  /// **Errors**: [IllegalArgumentException] for another share, or if there are not two sequences.
  public List<LabelledData> split(double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new Refusal("validate", "a share above 0 and below 1", share);
    }
    int count = sequences.size();
    if (count < 2) {
      throw new Refusal("validate", "two sequences or more to be parted", count);
    }
    int second = Math.clamp(Math.round(share * count), 1, count - 1);
    SplittableRandom random = new SplittableRandom(seed);
    List<LabelledSequence> rest = new ArrayList<>();
    List<LabelledSequence> drawn = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Each subset of that size is as likely as any other.
      boolean isDrawn = random.nextInt(count - i) < second - drawn.size();
      (isDrawn ? drawn : rest).add(sequences.get(i));
    }
    return List.of(with(rest), with(drawn));
  }
}
