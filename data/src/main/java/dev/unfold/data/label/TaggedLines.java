package dev.unfold.data.label;

import dev.unfold.data.table.Place;
import java.util.ArrayList;
import java.util.List;

/// The lines of one file of tagged sentences.
final class TaggedLines {
  /// Marks a document in the files of CoNLL-2003.
  private static final String DOCUMENT = "-DOCSTART-";

  private final TaggedFormat format;
  private final LabelFormat.Labels labels;
  private final List<LabelledSequence> sequences;
  private final List<String> words = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private Place start;

  /// Which columns there are; empty without names, and before the first word.
  private List<String> names = List.of();

  private boolean isBegun;
  private boolean isConllu;
  private String between = "\t";
  private int wordColumn;
  private int tagColumn;

  TaggedLines(TaggedFormat format, LabelFormat.Labels labels, List<LabelledSequence> sequences) {
    this.format = format;
    this.labels = labels;
    this.sequences = sequences;
  }

  void take(Lines.Line line) {
    if (line.isBlank()) {
      end();
      return;
    }
    if (words.isEmpty() && isComment(line.text())) {
      return;
    }
    if (!isBegun) {
      isBegun = true;
      between = line.text().indexOf('\t') < 0 ? " +" : "\t";
      if (begin(line.place(), columns(line))) {
        return;
      }
    }
    String[] columns = columns(line);
    if (isConllu && columns[0].matches("[0-9]+[-.][0-9]+")) {
      return;
    }
    String word = column(line.place(), columns, wordColumn, "word");
    if (word.equals(DOCUMENT)) {
      return;
    }
    if (words.isEmpty()) {
      start = line.place();
    }
    words.add(word);
    if (labels == LabelFormat.Labels.REQUIRED) {
      tags.add(column(line.place(), columns, tagColumn, "tag"));
    }
  }

  /// Not every `#`: it may be the word of a sentence.
  private boolean isComment(String text) {
    boolean isAlone = text.startsWith("# ") || text.indexOf('\t') < 0;
    return text.startsWith("#") && (isConllu || (!isBegun && isAlone));
  }

  private String[] columns(Lines.Line line) {
    return line.text().strip().split(between, -1);
  }

  /// Looks at the first line; true if it has names alone.
  private boolean begin(Place place, String... columns) {
    isConllu =
        columns.length == TaggedFormat.CONLLU.size() && columns[0].matches("[0-9]+([-.][0-9]+)?");
    List<String> first = List.of(columns);
    boolean hasNames =
        !isConllu && (isName(format.words(), first) || isName(format.column(), first));
    names = isConllu ? TaggedFormat.CONLLU : hasNames ? first : List.of();
    String word = format.words().isEmpty() ? isConllu ? "FORM" : "1" : format.words();
    wordColumn = TaggedFormat.place(place, "words", word, names, columns.length);
    if (labels == LabelFormat.Labels.REQUIRED) {
      String last = Integer.toString(columns.length);
      String tag = format.column().isEmpty() ? isConllu ? "UPOS" : last : format.column();
      tagColumn = TaggedFormat.place(place, "column", tag, names, columns.length);
    }
    return hasNames;
  }

  private static boolean isName(String column, List<String> columns) {
    return !column.matches("[0-9]*") && columns.contains(column);
  }

  private String column(Place place, String[] columns, int index, String what) {
    if (index >= columns.length) {
      throw place.refusal(
          "a %s in column %d".formatted(what, index + 1),
          columns.length == 1 ? "one column" : columns.length + " columns");
    }
    if (columns[index].isBlank()) {
      throw place.refusal(Integer.toString(index + 1), "a " + what, "none");
    }
    return columns[index];
  }

  /// Ends a sentence, if there is one.
  void end() {
    if (!words.isEmpty()) {
      sequences.add(
          new LabelledSequence(start, words.size(), new double[0], words, List.copyOf(tags)));
      words.clear();
      tags.clear();
    }
  }
}
