package dev.unfold.sql;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Query;
import dev.unfold.data.table.QueryRunner;
import dev.unfold.data.table.QuerySink;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;

/// Runs queries through JDBC: on one connection, some rows at a time.
public final class JdbcRunner implements QueryRunner {
  /// Rows that a driver may fetch at a time.
  private static final int FETCHED = 10_000;

  /// The most characters that are told of what a database says.
  private static final int LONGEST = 300;

  /// Characters of a password that messages are searched for, at least.
  private static final int LEAST_SECRET = 4;

  /// H2 makes a database that is not there unless it is told so.
  private static final String IF_EXISTS = "IFEXISTS";

  /// How URLs of SQLite begin, which makes a database that is not there unless it is opened to be read.
  private static final String SQLITE = "jdbc:sqlite:";

  /// SQLITE_OPEN_READONLY
  private static final String READ_ONLY = "1";

  /// For the service loader.
  public JdbcRunner() {}

  @Override
  public void run(Query query, QuerySink sink) {
    try (Connection connection = connect(query)) {
      if (query.url().isPresent()) {
        expectNoFiles(query);
        if (DuckFiles.isUrl(query.url().get())) {
          DuckFiles.lock(connection);
        }
        hintReadOnly(connection);
        // Some drivers fetch all rows at once unless they are within a transaction.
        connection.setAutoCommit(false);
      } else {
        new DuckFiles(connection).register(query.files());
      }
      try (PreparedStatement statement = new Selection(query).prepare(connection)) {
        statement.setFetchSize(FETCHED);
        try (ResultSet rows = statement.executeQuery()) {
          copy(rows, sink);
        }
      } finally {
        if (!connection.getAutoCommit()) {
          // Some drivers commit when they are closed.
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw new DataException("sql: expected a query that can be run, got " + said(query, e), e);
    }
  }

  private static void expectNoFiles(Query query) {
    if (!query.files().isEmpty()) {
      throw new DataException(
          "sql: expected no files beside a database, got " + query.files().getFirst());
    }
  }

  /// A hint, which some drivers do not take once the connection is there.
  private static void hintReadOnly(Connection connection) {
    try {
      connection.setReadOnly(true);
    } catch (SQLException _) {
      // The query has been found to be one that reads, whatever the driver thinks of the hint.
    }
  }

  private static Connection connect(Query query) throws SQLException {
    String url = query.url().orElse(DuckFiles.URL);
    List<Driver> drivers = DriverManager.drivers().filter(driver -> accepts(driver, url)).toList();
    if (drivers.isEmpty()) {
      throw new DataException(
          "jdbc: expected a driver for %s on the class path (CLASSPATH=driver.jar), got none"
              .formatted(scheme(url)));
    }
    try {
      return DriverManager.getConnection(url, properties(query, url));
    } catch (SQLException e) {
      // Neither its message nor itself as the cause: drivers quote parts of the URL, which may be
      // secret.
      throw new DataException(
          "jdbc: expected a database that can be opened, got error %d, SQL state %s, of %s"
              .formatted(
                  e.getErrorCode(), e.getSQLState(), drivers.getFirst().getClass().getName()));
    }
  }

  private static Properties properties(Query query, String url) {
    Properties properties = new Properties();
    query.user().ifPresent(user -> properties.setProperty("user", user));
    query.password().ifPresent(password -> properties.setProperty("password", password));
    if (DuckFiles.isUrl(url)) {
      properties.setProperty("jdbc_stream_results", "true");
      String database = url.substring(DuckFiles.URL.length());
      if (!database.isEmpty() && !database.startsWith(";") && !database.startsWith(":memory:")) {
        // A file that is not there is then refused, and not made.
        properties.setProperty("duckdb.read_only", "true");
      }
    }
    boolean isFile = url.length() > SQLITE.length() && url.charAt(SQLITE.length()) != ':';
    if (url.startsWith(SQLITE) && isFile) {
      properties.setProperty("open_mode", READ_ONLY);
    }
    boolean saysIt = url.toUpperCase(Locale.ROOT).contains(IF_EXISTS);
    if (url.startsWith("jdbc:h2:") && !url.startsWith("jdbc:h2:mem:") && !saysIt) {
      properties.setProperty(IF_EXISTS, "TRUE");
    }
    return properties;
  }

  private static boolean accepts(Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException _) {
      return false;
    }
  }

  /// `jdbc:h2`, and not what stands behind it, which may be secret.
  private static String scheme(String url) {
    String[] parts = url.split(":", 3);
    return parts.length < 3 ? "that URL" : parts[0] + ":" + parts[1];
  }

  /// What the driver says, in a line and without what is secret.
  private static String said(Query query, SQLException e) {
    String said =
        Objects.requireNonNullElse(e.getMessage(), "")
            .strip()
            .lines()
            .findFirst()
            .orElse("no reason");
    if (query.url().isPresent()) {
      said = said.replace(query.url().get(), scheme(query.url().get()));
    }
    // A shorter one would make holes in words that have nothing to do with it.
    if (query.password().isPresent() && query.password().get().length() >= LEAST_SECRET) {
      said = said.replace(query.password().get(), "***");
    }
    return said.length() <= LONGEST ? said : said.substring(0, LONGEST) + "...";
  }

  private static void copy(ResultSet rows, QuerySink sink) throws SQLException {
    List<ResultColumn> columns = ResultColumn.of(rows.getMetaData());
    sink.columns(columns.stream().map(ResultColumn::name).toList());
    for (long row = 1; rows.next(); row++) {
      for (ResultColumn column : columns) {
        column.copy(rows, row, sink);
      }
      sink.end();
    }
  }
}
