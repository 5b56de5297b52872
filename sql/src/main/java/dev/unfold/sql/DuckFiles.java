package dev.unfold.sql;

import dev.unfold.data.source.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Files as tables of a database of DuckDB in memory. What a query says is code: it reaches these files and no others,
/// and no network.
///
/// @param connection to the database
record DuckFiles(Connection connection) {
  /// A database in memory.
  static final String URL = "jdbc:duckdb:";

  /// Bytes that it may take, at least.
  private static final long LEAST = 256 << 20;

  /// Makes a view of each file, and closes all other ways out.
  void register(List<Path> files) throws SQLException {
    List<Path> paths = new ArrayList<>();
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement()) {
      long bytes = Math.max(LEAST, Runtime.getRuntime().maxMemory() / 8);
      statement.execute("SET memory_limit='%dMB'".formatted(bytes >> 20));
      statement.execute("SET threads=" + Runtime.getRuntime().availableProcessors());
      statement.execute("SET temp_directory=" + quoted(temporary()));
      statement.execute("SET autoinstall_known_extensions=false");
      statement.execute("SET autoload_known_extensions=false");
      for (Path file : files) {
        Path path = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(path)) {
          throw new DataException(file + ": expected a file, found none");
        }
        String name = name(path);
        if (!names.add(name)) {
          throw new DataException(
              "%s: expected files whose names differ, since each is a table of the query, got two called %s"
                  .formatted(file, name));
        }
        paths.add(path);
        statement.execute(
            "CREATE VIEW \"%s\" AS SELECT * FROM %s(%s)"
                .formatted(name, reader(path), quoted(pattern(path))));
      }
      String allowed =
          paths.stream()
              .flatMap(path -> Stream.of(path.toString(), pattern(path)))
              .map(DuckFiles::quoted)
              .collect(Collectors.joining(", "));
      statement.execute("SET allowed_paths=[" + allowed + "]");
      statement.execute("SET enable_external_access=false");
    }
    lock(connection);
  }

  /// Keeps a query from settings: some are made by tables that it may read, and have files written.
  static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_configuration=true");
    }
  }

  /// Whether a database is one of DuckDB.
  static boolean isUrl(String url) {
    return url.startsWith(URL);
  }

  private static String temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"), "unfold-" + ProcessHandle.current().pid())
        .toString();
  }

  /// The file's name without its ending, with _ for what needs quotes.
  private static String name(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    return name.replaceAll("[^\\p{L}\\p{N}_]", "_").toLowerCase(Locale.ROOT);
  }

  /// A pattern that only this file has: readers take names for patterns.
  private static String pattern(Path file) {
    return file.toString().replaceAll("[*?\\[]", "[$0]");
  }

  private static String reader(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      return "read_parquet";
    }
    boolean isJson = name.endsWith(".json") || name.endsWith(".jsonl") || name.endsWith(".ndjson");
    return isJson ? "read_json_auto" : "read_csv_auto";
  }

  /// A text of SQL.
  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
