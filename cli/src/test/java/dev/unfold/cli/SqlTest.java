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

  /// Texts with labels, as a file and as a table of a database.
  private Path mails() throws IOException {
    StringBuilder lines = new StringBuilder("body,class\n");
    for (int i = 0; i < 20; i++) {
      lines.append(
          i % 2 == 0 ? "good and fine,ham%n".formatted() : "bad and poor,spam%n".formatted());
    }
    return Files.writeString(folder.resolve("mails.csv"), lines);
  }

  @Test
  void classes_ofAnAnswer_areTrainedOnPredictedAndScored() throws IOException, SQLException {
    Path mails = mails();
    Path model = folder.resolve("m");
    Object[] asked = {"--sql", "select body as t, class as c from mails"};
    Object[] columns = {"--text", "t", "--label", "c", "--epochs", 1, "--hidden", 2};
    Cli.printed(
        with(with(new Object[] {"train", "classify", mails, "--out", model}, asked), columns));

    String said = Cli.printed(with(new Object[] {"predict", model, mails}, asked));
    assertEquals(21, said.lines().count());
    assertTrue(
        Cli.printed(with(new Object[] {"eval", model, mails}, asked)).contains("of 20"), "eval");
    // Of a database, what is validated on being a file all the same.
    String url = "jdbc:duckdb:" + folder.resolve("mails.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE mails AS SELECT * FROM read_csv('%s')".formatted(mails));
    }
    Path valid = Files.writeString(folder.resolve("valid.csv"), "t,c\ngood,ham\nbad,spam\n");
    Object[] database = with(asked, "--jdbc", url);
    Cli.printed(
        with(
            with(new Object[] {"train", "classify", "--valid", valid, "--out", model}, database),
            columns));
    assertEquals(said.lines().count(), rows(with(new Object[] {"predict", model}, database)));
    assertTrue(Cli.printed(with(new Object[] {"eval", model}, database)).contains("of 20"), "eval");
    assertTrue(refusal("predict", model).contains("FILE: expected one or more, or --sql"));
  }

  private static long rows(Object... line) {
    return Cli.printed(line).lines().count();
  }

  @Test
  void query_aboutWhatIsNoTable_isRefused() throws IOException {
    Path lines = Files.writeString(folder.resolve("lines.txt"), "A good\nB bad\nA fine\n");
    Object[] classify = {"train", "classify", lines};
    assertTrue(refusal(with(classify, "--sql", "select 1")).contains("--sql: expected --text"));
    assertTrue(
        refusal(with(classify, "--delimiter", ";")).contains("--delimiter: expected a table"));
    assertTrue(refusal("train", "classify").contains("FILE: expected one or more"));
    assertTrue(refusal("train", "tags").contains("FILE: expected one or more"));
    assertTrue(refusal("train", "tags", lines, "--sql", "select 1").contains("--sql"));
    Path model = folder.resolve("m");
    Cli.printed(with(classify, "--epochs", 1, "--hidden", 2, "--out", model));
    for (String command : List.of("predict", "eval")) {
      assertTrue(
          refusal(command, model, lines, "--sql", "select 1")
              .contains("sql, jdbc: expected a table"));
      assertTrue(refusal(command, model, "-", "-").contains("standard input once"));
    }
    assertTrue(refusal(with(classify, "--valid", "-", "--test", "-")).contains("input once"));
  }

  @Test
  void detect_inAnyForm_saysTheSame() throws IOException, SQLException {
    Path model = folder.resolve("m");
    Cli.printed(
        "train",
        "series",
        days,
        "--by",
        "store",
        "--target",
        "y",
        "--horizon",
        1,
        "--state",
        "carried",
        "--output",
        "student",
        "--epochs",
        1,
        "--hidden",
        2,
        "--out",
        model);
    Path parquet = folder.resolve("days.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv('%s')) TO '%s' (FORMAT parquet)".formatted(days, parquet));
    }
    Object[] detect = {"detect", model, "--alarms", "1/month"};
    String said = Cli.printed(with(detect, days));
    assertEquals(57, said.lines().count());
    assertEquals(said, Cli.printed(with(detect, parquet)));
    assertEquals(said, Cli.printed(with(detect, days, "--sql", "select * from days")));
    assertEquals(
        said, Cli.printed(with(detect, "--sql", "select * from days", "--jdbc", database())));
    assertTrue(refusal(detect).contains("FILE: expected one or more, or --sql"));
    assertTrue(refusal(with(detect, "-", "--sql", "select 1")).contains("query"));
    assertTrue(refusal(with(detect, "-", "--wide")).contains("wide: expected"));
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
