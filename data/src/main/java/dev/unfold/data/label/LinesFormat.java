package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A text a line, with its label before it and blanks between them: `LABEL text`. Blank lines are left out. Without
/// labels the line is the text.
///
/// @param until a text at which a label ends, as `:` for the `ABBR` of `ABBR:exp What does ...`; empty for none
public record LinesFormat(String until) implements LabelFormat {
  static final String NAME = "lines";

  /// What the one text of a step is called.
  static final String WORD = "word";

  /// Checks that it is given.
  public LinesFormat {
    Expect.given("until", until);
  }

  @Override
  public LabelledData read(List<TableFile> files, TableOptions options, Labels labels) {
    List<LabelledSequence> sequences = new ArrayList<>();
    for (TableFile file : files) {
      Lines.read(
          file,
          options.encoding(),
          line -> {
            if (!line.isBlank()) {
              sequences.add(sequence(line.place(), line.text().strip(), labels));
            }
          });
    }
    return LabelFormat.data(List.of(), List.of(WORD), sequences, TableFile.sources(files), this);
  }

  private LabelledSequence sequence(Place place, String line, Labels labels) {
    if (labels == Labels.UNKNOWN) {
      return of(place, line, List.of());
    }
    String[] parts = line.split("\\s+", 2);
    int end = until.isEmpty() ? -1 : parts[0].indexOf(until);
    String label = end < 0 ? parts[0] : parts[0].substring(0, end);
    return of(place, parts.length < 2 ? "" : parts[1], List.of(LabelFormat.label(place, label)));
  }

  /// A text, which has to have a word.
  static LabelledSequence of(Place place, String text, List<String> labels) {
    List<String> words = WordText.words(text);
    if (words.isEmpty()) {
      throw place.refusal("a text behind its label", "none");
    }
    return new LabelledSequence(place, words.size(), new double[0], words, labels);
  }

  @Override
  public Map<String, String> described() {
    return LabelFormat.described(NAME, "until", until);
  }
}
