package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;

/// Takes the rows of an answer: the names of its columns once, then for each row a value of each column, and [#end].
public interface QuerySink {
  /// **Errors**: [DataException] if one of them is empty or there twice.
  void columns(List<String> names);

  /// No value.
  void missing();

  void whole(long value);

  /// NaN is no value.
  void number(double value);

  /// It is no number, whatever it looks like.
  void text(String value);

  void yesOrNo(boolean value);

  /// A time without a zone.
  void local(LocalDateTime value);

  void instant(Instant value);

  /// Ends a row.
  void end();
}
