package dev.unfold.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
}
