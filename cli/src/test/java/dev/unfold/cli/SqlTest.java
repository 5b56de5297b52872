package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Queries in place of tables.
final class SqlTest {
  @TempDir private Path folder;
  private Path days;

  @BeforeEach
  void write() throws IOException {
    StringBuilder lines = new StringBuilder("day,store,y\n");
    for (int day = 1; day <= 28; day++) {
      lines.append("2024-02-%02d,a,%d%n".formatted(day, day % 7));
      lines.append("2024-02-%02d,b,%d%n".formatted(day, day % 5));
    }
    days = Files.writeString(folder.resolve("days.csv"), lines);
  }

  private static String refusal(Object... line) {
    Cli result = Cli.run(line);
    assertEquals(2, result.exitCode(), () -> String.join("\n", result.err()));
    assertEquals(1, result.err().size(), () -> String.join("\n", result.err()));
    return result.err().getFirst();
  }

  @Test
  void look_atAnAnswer_tellsItsColumns() {
    String said =
        Cli.printed("look", days, "--sql", "select day, sum(y)::int as y from days group by day");

    assertTrue(said.contains("28 rows, 2 columns, the answer to a query"), said);
    assertTrue(said.contains("every day"), said);
  }

  @Test
  void series_ofAnAnswer_areTrainedOnAndForeseen() throws IOException {
    Path model = folder.resolve("m");
    Path forecast = folder.resolve("f.csv");
    String query = "select * from days order by store, day";
    Cli.printed(
        "train",
        "series",
        days,
        "--sql",
        query,
        "--by",
        "store",
        "--target",
        "y",
        "--horizon",
        2,
        "--epochs",
        1,
        "--hidden",
        2,
        "--out",
        model);
    Cli.printed("forecast", model, days, "--sql", query, "--out", forecast);

    assertEquals(5, Files.readAllLines(forecast).size());
  }

  @Test
  void query_thatCannotBe_isRefusedInALine() {
    assertTrue(refusal("look", "--jdbc", "jdbc:x:y").contains("jdbc: expected --sql"));
    assertTrue(
        refusal("look", days, "--sql", "select 1", "--jdbc-user", "me").contains("--jdbc beside"));
    assertTrue(refusal("look", "-", "--sql", "select 1").contains("FILE: expected files"));
    assertTrue(refusal("look", days, "--sql", "select 1", "--decimal", ",").contains("--decimal"));
    assertTrue(
        refusal("look", days, "--sql", "select 1", "--jdbc", "jdbc:none:x").contains("driver"));
    assertTrue(refusal("look", days, "--sql", "selct 1").contains("sql: expected a query"));
    assertTrue(refusal("look").contains("FILE: expected one or more, or --sql"));
  }

  /// A database with the rows of the file.
  private String database() throws SQLException {
    String url = "jdbc:duckdb:" + folder.resolve("secret.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE days AS SELECT * FROM read_csv('%s')".formatted(days));
    }
    return url;
  }

  private static Object[] with(Object[] some, Object... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray();
  }

  @Test
  void backtest_ofADatabase_needsNoFileAndKeepsNoSecret() throws IOException, SQLException {
    Path run = folder.resolve("run");
    Path page = folder.resolve("page.html");
    Object[] asked = {
      "--sql", "select * from days order by store, day", "--jdbc", database(), "--jdbc-user", "me"
    };
    Object[] training = {
      "--by", "store", "--target", "y", "--horizon", 2, "--epochs", 1, "--hidden", 2
    };
    Cli.printed(with(with(new Object[] {"train", "series", "--run", run}, asked), training));
    Cli.printed(with(with(new Object[] {"backtest", "--report", page}, asked), training));
    Cli.printed(with(new Object[] {"backtest", run.resolve("model.safetensors")}, asked));

    for (Path kept : List.of(run.resolve("config.txt"), page)) {
      String text = Files.readString(kept);
      assertTrue(text.contains("jdbc:duckdb:..."), text);
      assertFalse(text.contains("secret"), text);
    }
    assertTrue(
        refusal("backtest", "--horizon", 2).contains("FILE: expected one or more, or --sql"));
  }
}
