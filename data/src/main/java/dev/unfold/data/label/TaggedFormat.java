package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Sentences with a word a line and blank lines between them, its columns with tabs between them, or else with blanks:
///
/// - CoNLL-U, known by its ten columns with a number in the first: comments, words that stand for several (`1-2`) and
///   those that are not in the text (`8.1`) are left out;
/// - any other, with names of columns in its first line if a column is asked for by a name, or without.
///
/// A column is told by its name or by its number from 1.
///
/// @param words the column of words; empty for `FORM` in CoNLL-U, else the first
/// @param column the column of tags; empty for `UPOS` in CoNLL-U, else the last
public record TaggedFormat(String words, String column) implements LabelFormat {
  static final String NAME = "tagged";

  /// The columns of CoNLL-U.
  static final List<String> CONLLU =
      List.of("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC");

  /// Checks that they are given.
  public TaggedFormat {
    Expect.given("words", words);
    Expect.given("column", column);
  }

  @Override
  public LabelledData read(List<TableFile> files, TableOptions options, Labels labels) {
    List<LabelledSequence> sequences = new ArrayList<>();
    for (TableFile file : files) {
      TaggedLines lines = new TaggedLines(this, labels, sequences);
      Lines.read(file, options.encoding(), lines::take);
      lines.end();
    }
    return LabelFormat.data(
        List.of(), List.of(LinesFormat.WORD), sequences, TableFile.sources(files), this);
  }

  @Override
  public Map<String, String> described() {
    return LabelFormat.described(NAME, "words", words, "column", column);
  }

  /// Where a column stands, from 0.
  ///
  /// @param argument how people call it
  /// @param name its name, or its number from 1
  /// @param names of the columns, if they have any
  /// @param width how many there are
  static int place(Place place, String argument, String name, List<String> names, int width) {
    if (name.matches("[1-9][0-9]{0,5}")) {
      int number = Integer.parseInt(name);
      if (number > width) {
        throw place.refusal("%s within %d columns".formatted(argument, width), Place.shown(name));
      }
      return number - 1;
    }
    int index = names.indexOf(name);
    if (index < 0) {
      String known =
          names.isEmpty()
              ? "a number from 1 to %d, since the columns have no names".formatted(width)
              : "one of " + Place.shown(String.join(", ", names));
      throw new DataException(
          "%s: %s: line %d: expected %s, got %s"
              .formatted(argument, place.file(), place.line(), known, Place.shown(name)));
    }
    return index;
  }
}
