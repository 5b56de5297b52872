package dev.unfold.data.label;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A form in which files hold labelled sequences, with what has to be said of it. As texts by key ([#described],
/// [#parse]) a model remembers how its training data were read.
///
/// **Errors**: [DataException] that names file, line and column, what was expected and what came.
public sealed interface LabelFormat permits SeriesFormat, LinesFormat, TaggedFormat, RowFormat {
  /// Whether sequences come with their labels.
  enum Labels {
    /// Each has its label, or one at each step.
    REQUIRED,
    /// They are what is to be found. Where they stand for themselves, they are read all the same.
    UNKNOWN
  }

  /// Reads files as one.
  ///
  /// @param options how they are written; of a form that is no table the encoding alone
  LabelledData read(List<TableFile> files, TableOptions options, Labels labels);

  /// What [#parse] reads.
  Map<String, String> described();

  /// What a form is called, and so on.
  String FORM = "form";

  /// The form that is described.
  ///
  /// **Errors**: [IllegalArgumentException] if it is none.
  static LabelFormat parse(Map<String, String> described) {
    String form = described.getOrDefault(FORM, "");
    return switch (form) {
      case SeriesFormat.NAME -> new SeriesFormat();
      case LinesFormat.NAME -> new LinesFormat(text("until", described));
      case TextFormat.NAME -> new TextFormat(text("text", described), text("label", described));
      case TaggedFormat.NAME ->
          new TaggedFormat(text("words", described), text("column", described));
      case EventsFormat.NAME -> EventsFormat.parse(described);
      default -> throw new Refusal(FORM, "series, lines, text, events or tagged", form);
    };
  }

  private static String text(String key, Map<String, String> described) {
    return described.getOrDefault(key, "");
  }

  /// A form with these texts by key, those that are empty left out.
  static Map<String, String> described(String form, String... keysAndTexts) {
    Map<String, String> described = new LinkedHashMap<>();
    described.put(FORM, form);
    for (int i = 0; i < keysAndTexts.length; i += 2) {
      if (!keysAndTexts[i + 1].isEmpty()) {
        described.put(keysAndTexts[i], keysAndTexts[i + 1]);
      }
    }
    return described;
  }

  /// What was read: refuses to be empty.
  static LabelledData data(
      List<String> numbers,
      List<String> texts,
      List<LabelledSequence> sequences,
      List<Source> sources,
      LabelFormat format) {
    if (sequences.isEmpty()) {
      throw new DataException(
          "%s: expected sequences, got none".formatted(sources.getFirst().name()));
    }
    return new LabelledData(numbers, texts, sequences, sources, format);
  }

  /// `text`, where a label has to be.
  static String label(Place place, String text) {
    if (text.isBlank()) {
      throw place.refusal("a label", "none");
    }
    return text;
  }
}
