package dev.unfold.sql;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Query;
import dev.unfold.data.table.QueryRunner;
import dev.unfold.data.table.QuerySink;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/// Runs queries through JDBC: on one connection, some rows at a time.
public final class JdbcRunner implements QueryRunner {
  /// Rows that a driver may fetch at a time.
  private static final int FETCHED = 10_000;

  /// The most characters that are told of what a database says.
  private static final int LONGEST = 300;

  /// For the service loader.
  public JdbcRunner() {}

  @Override
  public void run(Query query, QuerySink sink) {
    try (Connection connection = connect(query)) {
      if (query.url().isPresent()) {
        expectNoFiles(query);
        connection.setReadOnly(true);
        // Some drivers fetch all rows at once unless they are within a transaction.
        connection.setAutoCommit(false);
      } else {
        new DuckFiles(connection).register(query.files());
      }
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCHED);
        if (!statement.execute(query.sql())) {
          throw new DataException("sql: expected a query that has rows, got one that has none");
        }
        try (ResultSet rows = statement.getResultSet()) {
          copy(rows, sink);
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

  private static Connection connect(Query query) throws SQLException {
    Properties properties = new Properties();
    query.user().ifPresent(user -> properties.setProperty("user", user));
    query.password().ifPresent(password -> properties.setProperty("password", password));
    String url = query.url().orElse(DuckFiles.URL);
    if (url.startsWith(DuckFiles.URL)) {
      properties.setProperty("jdbc_stream_results", "true");
    }
    try {
      return DriverManager.getConnection(url, properties);
    } catch (SQLException e) {
      if (DriverManager.drivers().noneMatch(driver -> accepts(driver, url))) {
        throw new DataException(
            "jdbc: expected a driver for %s on the class path (CLASSPATH=driver.jar), got none"
                .formatted(scheme(url)),
            e);
      }
      throw new DataException(
          "jdbc: expected a database that can be opened, got " + said(query, e), e);
    }
  }

  private static boolean accepts(java.sql.Driver driver, String url) {
    try {
      return driver.acceptsURL(url);
    } catch (SQLException _) {
      return false;
    }
  }

  /// `jdbc:h2`, and not what stands behind it, which may be secret.
  private static String scheme(String url) {
    String[] parts = url.split(":", 3);
    return parts.length < 2 ? "that URL" : parts[0] + ":" + parts[1];
  }

  /// What the driver says, in a line and without what is secret.
  private static String said(Query query, SQLException e) {
    String said = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("no reason");
    if (query.url().isPresent()) {
      said = said.replace(query.url().get(), scheme(query.url().get()));
    }
    if (query.password().isPresent() && !query.password().get().isEmpty()) {
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
