package dev.unfold.run.job;

import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.TaggedFormat;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.util.ArrayList;
import java.util.List;

/// Reads sentences from a table with a word in each row.
final class Sentences {
  private final List<LabelledSequence> all = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private final List<String> tags = new ArrayList<>();
  private Place begin;
  private String current;

  private Sentences() {}

  /// The sentences of a table with the columns [LabelChoice#SENTENCE], [LabelChoice#WORD] and, where they are wanted,
  /// [LabelChoice#TAG].
  static LabelledData read(Table table, LabelFormat.Labels labels) {
    int sentence = table.column(LabelChoice.SENTENCE).index();
    int word = table.column(LabelChoice.WORD).index();
    boolean isTagged = labels == LabelFormat.Labels.REQUIRED;
    int tag = isTagged ? table.column(LabelChoice.TAG).index() : -1;
    Sentences sentences = new Sentences();
    table.rows(row -> sentences.add(row, sentence, word, tag));
    sentences.end();
    LabelledData words = LabelledData.ofWords(sentences.all);
    return new LabelledData(
        words.numbers(),
        words.texts(),
        words.sequences(),
        table.sources(),
        new TaggedFormat("", ""));
  }

  private void add(Row row, int sentence, int word, int tag) {
    String number = row.text(sentence);
    if (!number.equals(current)) {
      end();
      current = number;
      begin = row.place();
    }
    if (row.isMissing(word)) {
      throw row.place().refusal("a word", "none");
    }
    words.add(row.text(word));
    if (tag >= 0) {
      if (row.isMissing(tag)) {
        throw row.place().refusal("a tag", "none");
      }
      tags.add(row.text(tag));
    }
  }

  private void end() {
    if (!words.isEmpty()) {
      all.add(new LabelledSequence(begin, words.size(), new double[0], words, tags));
      words.clear();
      tags.clear();
    }
  }
}
