package dev.unfold.sql;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.regex.Pattern;

/// A query as one statement that reads. That it is one is found out before anything is run.
///
/// @param query what is asked
record Selection(Query query) {
  /// How statements begin that read. A comment before it is none: to some databases it is code.
  private static final Pattern READING =
      Pattern.compile(
          "[\\s(]*(SELECT|WITH|VALUES|TABLE)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /// The statement, to be closed.
  ///
  /// **Errors**: [DataException] if it is not one that reads.
  PreparedStatement prepare(Connection connection) throws SQLException {
    if (DuckFiles.isUrl(query.url().orElse(DuckFiles.URL))) {
      expectSelect(connection);
    } else {
      expectSelect();
    }
    PreparedStatement prepared = connection.prepareStatement(query.sql());
    try {
      ResultSetMetaData answer = prepared.getMetaData();
      if (answer == null || answer.getColumnCount() == 0) {
        throw new DataException("sql: expected a query that has rows, got one that has none");
      }
      return prepared;
    } catch (SQLException | RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  /// DuckDB itself tells: its function `query` is given one statement, which has to be a SELECT. Prepared alone, the
  /// text would not do, since of several statements all but the last are run by that.
  private void expectSelect(Connection connection) throws SQLException {
    // By its whole name: a database may have a macro of the same one.
    String asked = "SELECT * FROM system.main.query(%s)".formatted(DuckFiles.quoted(query.sql()));
    connection.prepareStatement(asked).close();
  }

  /// The text tells, since there is no reading it as any database does. A sign within quotes is taken for one that ends
  /// a statement: that is too strict, and never too lax.
  private void expectSelect() {
    String sql = query.sql().strip();
    if (!READING.matcher(sql).matches()) {
      throw new DataException(
          "sql: expected a query that begins with SELECT, WITH, VALUES or TABLE, got another");
    }
    int end = sql.indexOf(';');
    if (end >= 0 && end < sql.length() - 1) {
      throw new DataException(
          "sql: expected a query of one statement, with ; at its end alone, got ; before");
    }
  }
}
