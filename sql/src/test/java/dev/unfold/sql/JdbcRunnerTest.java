package dev.unfold.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Query;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JdbcRunnerTest {
  @TempDir private Path folder;

  private static List<List<String>> rows(Query query) {
    try (Table table = Table.query(query, TableOptions.defaults())) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(
          table.columns().stream()
              .map(column -> column.name() + " " + column.type().text())
              .toList());
      for (int pass = 0; pass < 2; pass++) {
        int before = rows.size();
        table.rows(row -> {
          List<String> values = new ArrayList<>();
          for (Column column : table.columns()) {
            values.add(row.isMissing(column.index()) ? "-" : row.text(column.index()));
          }
          rows.add(values);
        });
        if (pass == 1) {
          // The second pass is as the first.
          int count = rows.size() - before;
          assertEquals(rows.subList(1, 1 + count), rows.subList(before, rows.size()));
          rows.subList(before, rows.size()).clear();
        }
      }
      return rows;
    }
  }

  private static String refusal(Query query) {
    return assertThrows(DataException.class, () -> rows(query)).getMessage();
  }

  private static Query of(String url, String sql) {
    return new Query(sql, Optional.of(url), Optional.of("sa"), Optional.of("a secret"), List.of());
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  @Test
  void query_overFiles_isATableOfTypes() throws IOException {
    Path sales = write("Sales 2024.csv", "day,store,amount", "2024-01-01,a,1.5", "2024-01-02,b,2");
    Path stores = write("stores.jsonl", "{\"store\":\"a\",\"city\":\"1\"}", "{\"store\":\"b\"}");

    assertEquals(
        List.of(
            List.of(
                "day time", "city text", "amount number", "twice whole number", "big yes or no"),
            List.of("2024-01-01", "1", "1.5", "2", "false"),
            List.of("2024-01-02", "-", "2.0", "4", "true")),
        rows(
            Query.of(
                "SELECT day, city, amount, 2 * row_number() OVER (ORDER BY day) AS twice,"
                    + " amount > 1.6 AS big FROM sales_2024 JOIN stores USING (store) ORDER BY day",
                sales,
                stores)));
  }

  @Test
  void query_ofEachTypeOfDuckDb_isReadAsWhatItIs() {
    assertEquals(
        List.of(
            List.of(
                "h whole number",
                "d number",
                "w whole number",
                "t time",
                "z time",
                "u text",
                "c text",
                "e empty"),
            List.of(
                "12",
                "1.25",
                "3",
                "2024-03-04 07:08:09.250",
                "2024-03-04 06:08:09Z",
                "00000000-0000-0000-0000-000000000001",
                "07:08:09",
                "-")),
        rows(
            Query.of(
                "SELECT 12::HUGEINT h, 1.25::DECIMAL(9,3) d, 3::UTINYINT w,"
                    + " TIMESTAMP '2024-03-04 07:08:09.25' t,"
                    + " TIMESTAMPTZ '2024-03-04 07:08:09+01:00' z,"
                    + " '00000000-0000-0000-0000-000000000001'::UUID u, TIME '07:08:09' c,"
                    + " NULL::INTEGER e")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_csv_auto('%s')",
        "SELECT * FROM read_text('%s')",
        "COPY (SELECT 1) TO '%s.copy'",
        "ATTACH '%s.db'",
        "SET enable_external_access=true",
        "INSTALL httpfs"
      })
  void query_overFiles_reachesNoOthers(String sql) throws IOException {
    Path own = write("own.csv", "a", "1");
    Path other = write("other.csv", "a", "2");
    String message = refusal(Query.of(sql.formatted(other), own));

    assertTrue(message.startsWith("sql: expected a query"), message);
    assertEquals(1, message.lines().count());
    assertEquals(Set.of(own, other), Set.copyOf(files()));
  }

  private List<Path> files() throws IOException {
    try (var all = Files.list(folder)) {
      return all.toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:h2:mem:sales;DB_CLOSE_DELAY=-1", "jdbc:h2:file:FOLDER/sales"})
  void query_ofADatabase_isATable(String inFolder) throws SQLException {
    String url = inFolder.replace("FOLDER", folder.toString());
    try (Connection connection = DriverManager.getConnection(url, "sa", "a secret");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE sales(at TIMESTAMP, amount DECIMAL(10, 2), n BIGINT, note CLOB, ok BOOLEAN,"
              + " x DOUBLE PRECISION, seen TIMESTAMP WITH TIME ZONE, d DATE)");
      statement.execute(
          "INSERT INTO sales VALUES (TIMESTAMP '2024-01-01 00:00:00.5', 1.25, 7, '12', TRUE, 0.1,"
              + " TIMESTAMP WITH TIME ZONE '2024-01-01 00:00:00+02:00', DATE '2024-02-29'),"
              + " (TIMESTAMP '2024-01-02 00:00:00', 3, NULL, NULL, FALSE, NULL,"
              + " TIMESTAMP WITH TIME ZONE '2024-01-02 00:00:00+02:00', NULL)");
    }
    assertTrue(refusal(of(url, "DELETE FROM sales")).startsWith("sql: expected a query"));
    // Nothing was deleted.
    assertEquals(
        List.of(
            List.of(
                "AT time",
                "AMOUNT number",
                "N whole number",
                "NOTE text",
                "OK yes or no",
                "X number",
                "SEEN time",
                "D time"),
            List.of(
                "2024-01-01 00:00:00.500",
                "1.25",
                "7",
                "12",
                "true",
                "0.1",
                "2023-12-31 22:00Z",
                "2024-02-29"),
            List.of("2024-01-02", "3.0", "-", "-", "false", "-", "2024-01-01 22:00Z", "-")),
        rows(of(url, "SELECT * FROM sales ORDER BY at")));
  }

  @Test
  void database_thatCannotBeOpened_isRefusedWithoutWhatIsSecret() {
    String url = "jdbc:h2:mem:closed;IFEXISTS=TRUE;PASSWORD=a secret";
    String message = refusal(of(url, "SELECT 1"));

    assertTrue(message.startsWith("jdbc: expected a database that can be opened"), message);
    assertFalse(message.contains("a secret"), message);
    assertEquals(1, message.lines().count());
    String none = refusal(of("jdbc:none://me:a secret@host", "SELECT 1"));
    assertTrue(none.contains("a driver for jdbc:none on the class path"), none);
    assertFalse(none.contains("a secret"), none);
  }

  @Test
  void columns_thatAreNoTable_areRefusedByName() throws IOException {
    assertTrue(refusal(Query.of("SELECT [1, 2] AS many")).contains("column many"));
    assertTrue(refusal(Query.of("SELECT 1 AS a, 2 AS a")).contains("another name"));
    assertTrue(refusal(Query.of("SELECT 1 AS a WHERE false")).contains("expected rows"));
    Path one = write("a.csv", "x", "1");
    Path two = write("a.tsv", "x", "1");
    assertTrue(refusal(Query.of("SELECT 1", one, two)).contains("names differ"));
    assertTrue(refusal(Query.of("SELECT 1", folder.resolve("none.csv"))).contains("found none"));
  }

  @Test
  void answer_ofManyRows_isReadAsOftenAsWanted() {
    Query query = Query.of("SELECT range AS n, 'x' || range % 7 AS word FROM range(300000)");
    try (Table table = Table.query(query, TableOptions.defaults())) {
      assertEquals(300_000, table.rowCount());
      assertEquals(ColumnType.WHOLE, table.column("n").type());
      double[] sum = new double[1];
      table.rows(row -> sum[0] += row.number(0));
      assertEquals(300_000.0 * 299_999 / 2, sum[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY (SELECT 1 AS x) TO 'OWN' (FORMAT csv, USE_TMP_FILE false); SELECT 1 AS y",
        "COPY (SELECT 1 AS x) TO 'OWN' (FORMAT csv, USE_TMP_FILE false)",
        "SELECT 1 AS a; SELECT 2 AS b",
        "ATTACH ':memory:' AS m; SELECT 1 AS a",
        "ATTACH ':memory:' AS m",
        "SET threads=1",
        "PRAGMA version",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "CREATE TABLE t AS SELECT 1 AS a",
        "WITH x AS (DELETE FROM own RETURNING *) SELECT * FROM x",
        "SELECT 1') ; SELECT 2 AS b --",
        "SELECT * FROM enable_profiling(save_location := 'OWN')",
        "SELECT 1 AS a\0; SELECT 2 AS b",
        ""
      })
  void query_overFilesThatIsNotOneSelect_isRefusedBeforeItRuns(String sql) throws IOException {
    Path own = write("own.csv", "a", "1");
    String message = refusal(Query.of(sql.replace("OWN", own.toString()), own));

    assertTrue(message.startsWith("sql: expected a query"), message);
    assertEquals("a\n1\n", Files.readString(own));
    assertEquals(List.of(own), files());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a FROM own;",
        "/* of all */ WITH x AS (SELECT a FROM own) SELECT a FROM x -- ; none",
        "FROM own",
        "SELECT a FROM own WHERE ';' <> ''''"
      })
  void query_thatIsOneSelect_isRunHoweverItIsWritten(String sql) throws IOException {
    Path own = write("own.csv", "a", "1");

    assertEquals(List.of(List.of("a whole number"), List.of("1")), rows(Query.of(sql, own)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE kept",
        "SELECT 1 AS a; DROP TABLE kept",
        "SELECT 1 AS a; SELECT 2 AS b",
        "-- none\nDROP TABLE kept",
        "SCRIPT TO 'FOLDER/script.sql'",
        "CALL CSVWRITE('FOLDER/written.csv', 'SELECT 1')",
        "INSERT INTO kept VALUES (1)",
        ""
      })
  void query_ofADatabaseThatIsNotOneSelect_isRefusedBeforeItRuns(String sql)
      throws IOException, SQLException {
    String url = "jdbc:h2:mem:kept;DB_CLOSE_DELAY=-1";
    try (Connection connection = DriverManager.getConnection(url, "sa", "a secret");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS x");
    }
    String message = refusal(of(url, sql.replace("FOLDER", folder.toString())));

    assertTrue(message.startsWith("sql: expected a query"), message);
    assertEquals(List.of(), files());
    assertEquals(
        List.of(List.of("X whole number"), List.of("7")), rows(of(url, "(SELECT * FROM kept);")));
  }

  @Test
  void database_ofDuckDb_isReadAndNeverWritten() throws IOException, SQLException {
    Path file = folder.resolve("shop.db");
    String url = "jdbc:duckdb:" + file;
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE sales AS SELECT 7 AS x");
      // A macro of the name that tells what a query is.
      statement.execute("CREATE MACRO query(text) AS TABLE SELECT 1 AS a");
    }
    byte[] before = Files.readAllBytes(file);
    assertEquals(
        List.of(List.of("x whole number"), List.of("7")), rows(of(url, "SELECT * FROM sales")));
    Path written = folder.resolve("written");
    for (String sql :
        List.of(
            "DELETE FROM sales RETURNING x",
            "COPY sales TO '" + written + "'",
            "SELECT * FROM enable_profiling(save_location := '" + written + "')")) {
      assertTrue(refusal(of(url, sql)).startsWith("sql: expected a query"), sql);
    }

    assertArrayEquals(before, Files.readAllBytes(file));
    assertEquals(List.of(file), files());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:duckdb:FOLDER/none.db", "jdbc:h2:file:FOLDER/none"})
  void database_thatIsNotThere_isRefusedAndNotMade(String inFolder) throws IOException {
    String message = refusal(of(inFolder.replace("FOLDER", folder.toString()), "SELECT 1 AS a"));

    assertTrue(message.startsWith("jdbc: expected a database that can be opened"), message);
    assertFalse(message.contains(folder.toString()), message);
    assertEquals(List.of(), files());
  }

  /// A driver that opens nothing, and knows what it was asked for.
  private static final class Asked implements Driver {
    private Properties last = new Properties();

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
      last = properties;
      throw new SQLException("nothing is opened here");
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.startsWith("jdbc:sqlite:");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }

  @Test
  void database_ofSqlite_isOpenedToBeRead() throws SQLException {
    Asked driver = new Asked();
    DriverManager.registerDriver(driver);
    try {
      refusal(of("jdbc:sqlite:none.db", "SELECT 1"));
      assertEquals("1", driver.last.getProperty("open_mode"));
      refusal(of("jdbc:sqlite::memory:", "SELECT 1"));
      assertNull(driver.last.getProperty("open_mode"));
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  @Test
  void times_withoutAZone_areThoseOfTheDatabaseInAnyZone() {
    TimeZone usual = TimeZone.getDefault();
    // Clocks there pass over that hour.
    TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
    try {
      String sql =
          "SELECT TIMESTAMP '2025-03-30 02:30:00' AS T, DATE '2025-03-30' AS D,"
              + " TIME '02:30:00' AS C";
      List<List<String>> expected =
          List.of(
              List.of("T time", "D time", "C text"),
              List.of("2025-03-30 02:30", "2025-03-30", "02:30"));

      assertEquals(expected, rows(Query.of(sql)));
      assertEquals(expected, rows(of("jdbc:h2:mem:zones", sql)));
      assertEquals(
          "2025-03-30 00:30Z",
          rows(Query.of("SELECT TIMESTAMPTZ '2025-03-30 00:30:00+00' AS z")).get(1).getFirst());
    } finally {
      TimeZone.setDefault(usual);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DATE '5874897-01-01'",
        "'infinity'::TIMESTAMP",
        "'-infinity'::TIMESTAMPTZ",
        "'infinity'::DATE",
        "DATE '10000-01-01'",
        "'07:08:09+01'::TIMETZ",
        "'inf'::DOUBLE"
      })
  void value_thatIsNoneOfATable_isRefusedByLineAndColumn(String value) {
    String sql =
        "SELECT * FROM (SELECT 1 AS n, NULL AS odd UNION ALL SELECT 2, %s) ORDER BY n"
            .formatted(value);
    String message = refusal(Query.of(sql));

    assertTrue(message.startsWith("query: line 2, column odd: expected "), message);
  }

  @Test
  void files_whoseNamesArePatterns_areReadAlone() throws IOException {
    Path brackets = write("q[1].csv", "a", "1");
    Path star = write("w*.csv", "a", "2");
    Path mark = write("v?.jsonl", "{\"a\":3}");
    write("q1.csv", "a", "10");
    write("wx.csv", "a", "10");
    write("vx.jsonl", "{\"a\":10}");

    assertEquals(
        List.of(List.of("a whole number"), List.of("1"), List.of("2"), List.of("3")),
        rows(
            Query.of(
                "SELECT a FROM q_1_ UNION ALL SELECT a FROM w_ UNION ALL SELECT a FROM v_"
                    + " ORDER BY a",
                brackets,
                star,
                mark)));
  }

  @Test
  void password_thatIsShort_leavesMessagesWhole() {
    Query query =
        new Query(
            "SELECT nothing_here",
            Optional.of("jdbc:h2:mem:short"),
            Optional.of("sa"),
            Optional.of("o"),
            List.of());

    assertFalse(refusal(query).contains("***"), refusal(query));
  }
}
