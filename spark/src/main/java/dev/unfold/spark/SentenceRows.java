package dev.unfold.spark;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.QuerySink;
import dev.unfold.run.job.LabelChoice;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/// Gives the words of sentences with their tags, a row each.
final class SentenceRows {
  private SentenceRows() {}

  /// @param sentences rows of an array of words and one of tags
  static void give(Iterator<Row> sentences, QuerySink sink) {
    sink.columns(List.of(LabelChoice.SENTENCE, LabelChoice.WORD, LabelChoice.TAG));
    for (int number = 1; sentences.hasNext(); number++) {
      Row row = sentences.next();
      List<String> words = row.isNullAt(0) ? List.of() : row.getList(0);
      List<String> tags = row.isNullAt(1) ? List.of() : row.getList(1);
      if (words.size() != tags.size()) {
        throw new DataException(
            "%s: sentence %d: expected as many tags as words, %d, got %d"
                .formatted(Rows.NAME, number, words.size(), tags.size()));
      }
      for (int i = 0; i < words.size(); i++) {
        sink.whole(number);
        sink.text(given(number, "word", words.get(i)));
        sink.text(given(number, "tag", tags.get(i)));
        sink.end();
      }
    }
  }

  private static String given(int number, String what, String text) {
    if (text == null || text.isBlank()) {
      throw new DataException(
          "%s: sentence %d: expected a %s, got none".formatted(Rows.NAME, number, what));
    }
    return text;
  }
}
