package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A question whose answer is a table.
///
/// @param sql what is asked
/// @param url of the database (JDBC); if empty, the question is about files
/// @param user of the database
/// @param password of that user, which nothing prints
/// @param files each of which is a table of the question, named as the file is, without its ending
public record Query(
    String sql,
    Optional<String> url,
    Optional<String> user,
    Optional<String> password,
    List<Path> files) {
  /// Copies the list.
  public Query {
    Expect.given("sql", sql);
    files = List.copyOf(files);
  }

  /// One about files.
  public static Query of(String sql, Path... files) {
    return new Query(sql, Optional.empty(), Optional.empty(), Optional.empty(), List.of(files));
  }

  @Override
  public String toString() {
    return sql;
  }
}
