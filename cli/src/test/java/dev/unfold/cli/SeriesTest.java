package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Trains on series of a table, foresees them, and tests that.
final class SeriesTest {
  private static final int DAYS = 140;

  @TempDir private Path folder;
  private Path file;
  private Path model;

  /// Two shops with a week, in which a promotion adds much.
  @BeforeEach
  void write() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder("date,shop,sales,promo,weather\n");
    for (int day = 0; day < DAYS; day++) {
      for (String shop : List.of("north", "south")) {
        boolean promo = random.nextInt(6) == 0;
        double sales = 50 + 10 * (day % 7) + (promo ? 40 : 0) + 3 * random.nextGaussian();
        text.append(
            "%s,%s,%s,%s,%s%n"
                .formatted(
                    LocalDate.of(2024, 1, 1).plusDays(day),
                    shop,
                    random.nextInt(30) == 0 ? "" : Long.toString(Math.round(sales)),
                    promo ? "yes" : "no",
                    random.nextBoolean() ? "dry" : "wet"));
      }
    }
    file = Files.writeString(folder.resolve("sales.csv"), text);
    model = folder.resolve("m.safetensors");
  }

  private List<JsonNode> train(Object... more) {
    List<Object> arguments = new ArrayList<>();
    Collections.addAll(
        arguments,
        "train",
        "series",
        file,
        "--time",
        "date",
        "--by",
        "shop",
        "--target",
        "sales",
        "--horizon",
        7,
        "--hidden",
        8,
        "--batch",
        8,
        "--epochs",
        2,
        "--json",
        "--out",
        model);
    Collections.addAll(arguments, more);
    return Cli.json(arguments.toArray());
  }

  private Path future() throws IOException {
    StringBuilder text = new StringBuilder("date,shop,promo\n");
    for (int day = DAYS; day < DAYS + 7; day++) {
      for (String shop : List.of("north", "south")) {
        text.append("%s,%s,no%n".formatted(LocalDate.of(2024, 1, 1).plusDays(day), shop));
      }
    }
    return Files.writeString(folder.resolve("future.csv"), text);
  }

  @Test
  void forecast_ofATrainedModel_isATableOfTheStepsAfterTheLast() throws IOException {
    train("--known", "promo", "--past", "weather");
    Path out = folder.resolve("forecast.csv");
    Path future = future();
    Cli.printed("forecast", model, file, "--known", future, "--out", out);
    List<String> lines = Files.readAllLines(out);
    assertEquals(
        "shop,time,target,mean,q0.025,q0.1,q0.2,q0.3,q0.4,q0.5,q0.6,q0.7,q0.8,q0.9,q0.975",
        lines.getFirst());
    assertEquals(1 + 2 * 7, lines.size());
    assertTrue(lines.get(1).startsWith("north,2024-05-20,sales,"), lines.get(1));
    assertEquals(
        String.join("\n", lines) + "\n", Cli.printed("forecast", model, file, "--known", future));
    // A forecast is replaced by the next one, and nothing else is.
    Cli.printed("forecast", model, file, "--known", future, "--out", out);
    Cli refused = Cli.run("forecast", model, file, "--known", future, "--out", file);
    assertEquals(2, refused.exitCode(), refused::toString);
    assertEquals(1, refused.err().size());
    assertTrue(Files.readString(file).startsWith("date,shop"));
  }

  @Test
  void knownColumn_withoutTheFuture_isRefusedByItsFirstStep() {
    train("--known", "promo");
    Cli cli = Cli.run("forecast", model, file);
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size());
    assertTrue(
        cli.err().getFirst().contains("promo") && cli.err().getFirst().contains("2024-05-20"),
        cli::toString);
  }

  @Test
  void holidays_ofAFile_areKeptInTheModel() throws IOException {
    Path holidays =
        Files.writeString(
            folder.resolve("holidays.csv"), "date,name\n2024-01-06,a\n2024-04-01,b\n");
    train("--holidays", holidays);
    Files.delete(holidays);
    assertEquals(List.of(), Cli.run("forecast", model, file).err());
    assertEquals(0, Cli.run("eval", model, file).exitCode());
    Cli withoutDates =
        Cli.run(
            "train",
            "series",
            file,
            "--target",
            "sales",
            "--horizon",
            7,
            "--by",
            "shop",
            "--frequency",
            "none",
            "--holidays",
            Files.writeString(holidays, "date\n2023-12-25\n"),
            "--out",
            model);
    assertEquals(2, withoutDates.exitCode());
    assertEquals(
        List.of("unfold: --holidays: expected series with dates, got rows in an order alone"),
        withoutDates.err());
    train("--holidays", holidays);
    List<String> noted = Cli.run("forecast", model, file).err();
    assertEquals(1, noted.size());
    assertTrue(
        noted.getFirst().startsWith("unfold: the model knows holidays until 2023, and"),
        noted.getFirst());
  }

  @Test
  void rows_atAnyDistances_areReadWithThem() throws IOException {
    StringBuilder text = new StringBuilder("at,level\n");
    SplittableRandom random = new SplittableRandom(3);
    LocalDateTime at = LocalDateTime.of(2024, 1, 1, 0, 0);
    for (int row = 0; row < 120; row++) {
      at = at.plusSeconds(30 + random.nextInt(60));
      text.append("%s,%d%n".formatted(at, 100 + random.nextInt(50)));
    }
    Files.writeString(file, text);
    Cli refused =
        Cli.run("train", "series", file, "--target", "level", "--horizon", 2, "--out", model);
    assertTrue(refused.err().getFirst().contains("--gaps input"), refused::toString);
    List<Object> arguments = new ArrayList<>();
    Collections.addAll(
        arguments,
        "train",
        "series",
        file,
        "--target",
        "level",
        "--horizon",
        2,
        "--gaps",
        "input",
        "--hidden",
        4,
        "--epochs",
        1,
        "--batch",
        4,
        "--out",
        model);
    String printed = Cli.printed(arguments.toArray());
    assertTrue(printed.contains("irregular, in the median every "), printed);
    assertEquals(1 + 2, Cli.printed("forecast", model, file).lines().count());
    Collections.addAll(arguments, "--frequency", "none");
    assertEquals(
        List.of(
            "unfold: --gaps: expected grid beside --frequency none, where no time is read, got"
                + " input"),
        Cli.run(arguments.toArray()).err());
    arguments.set(arguments.indexOf("input"), "wide");
    assertEquals(
        List.of("unfold: --gaps: expected grid or input, got wide"),
        Cli.run(arguments.toArray()).err());
  }

  @Test
  void state_mayStartFromStaticColumns() throws IOException {
    train("--static", "shop");
    String without = Cli.printed("forecast", model, file);
    train("--static", "shop", "--static-start");
    String with = Cli.printed("forecast", model, file);
    assertFalse(with.equals(without));
    Path again = folder.resolve("again.safetensors");
    Files.copy(model, again);
    train("--static", "shop", "--static-start", "--threads", 1);
    assertEquals(-1, Files.mismatch(model, again));
    Cli.printed("eval", model, file);
    Cli.printed("inspect", model, "--data", file, "--json");
  }

  @Test
  void staticColumns_areReadBehindTheLastRowAsWell() throws IOException {
    train("--static", "shop");
    assertEquals(
        Cli.printed("forecast", model, file),
        Cli.printed("forecast", model, file, "--known", future()));
  }

  @Test
  void knownTable_withoutStaticColumns_hasThoseOfBefore() throws IOException {
    String text = Files.readString(file);
    StringBuilder sized = new StringBuilder();
    for (String line : text.lines().toList()) {
      String size =
          line.startsWith("date") ? "size,kind" : line.contains("north") ? "3,big" : "1,small";
      sized.append(line).append(',').append(size).append('\n');
    }
    Files.writeString(file, sized);
    train("--static", "size,kind", "--known", "promo");
    Path future = future();
    String without = Cli.printed("forecast", model, file, "--known", future);
    StringBuilder repeated = new StringBuilder();
    for (String line : Files.readAllLines(future)) {
      String size =
          line.startsWith("date") ? "size,kind" : line.contains("north") ? "3,big" : "1,small";
      repeated.append(line).append(',').append(size).append('\n');
    }
    Files.writeString(future, repeated);
    assertEquals(Cli.printed("forecast", model, file, "--known", future), without);
  }

  @Test
  void logarithms_ofWhatIsZeroLater_areNoRefusal() throws IOException {
    StringBuilder text = new StringBuilder("date,sales\n");
    for (int day = 0; day < DAYS; day++) {
      // The more the larger, until the shop is closed for a day.
      double sales = day == DAYS - 3 ? 0 : (10 + day) * (1 + 0.3 * Math.sin(day));
      text.append("%s,%.1f%n".formatted(LocalDate.of(2024, 1, 1).plusDays(day), sales));
    }
    Path own = Files.writeString(folder.resolve("own.csv"), text);
    List<Object> line = new ArrayList<>(List.of("train", "series", own, "--target", "sales"));
    line.addAll(List.of("--horizon", 7, "--holdout", 14, "--epochs", 1, "--hidden", 2));
    line.addAll(List.of("--out", model));
    String told = Cli.printed(line.toArray());
    assertTrue(told.contains("scale log"), told);
    assertTrue(Cli.printed("forecast", model, own).lines().count() == 8);
    assertTrue(Cli.printed("backtest", model, own, "--folds", 2).contains("MASE"));
    // Asked for, they are refused where a value to learn from has none.
    line.addAll(List.of("--scale", "log"));
    line.set(line.indexOf("--holdout") + 1, 0);
    line.addAll(List.of("--validate", 1));
    Cli cli = Cli.run(line.toArray());
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
  }

  @Test
  void eval_ofSeries_readsTablesInAnyForm() throws IOException {
    StringBuilder text = new StringBuilder("V1");
    for (int t = 1; t <= 50; t++) {
      text.append(";V").append(t + 1);
    }
    for (String name : List.of("a", "b")) {
      text.append('\n').append(name);
      for (int t = 1; t <= 50; t++) {
        text.append(';').append(10 + t % 5 + name.length());
      }
    }
    Path wide = Files.writeString(folder.resolve("wide.csv"), text.append('\n'));
    List<Object> form = List.of("--wide", "--delimiter", ";");
    List<Object> line = new ArrayList<>(List.of("train", "series", wide, "--horizon", 3));
    line.addAll(form);
    line.addAll(List.of("--epochs", 1, "--hidden", 2, "--out", model));
    Cli.printed(line.toArray());
    List<Object> eval = new ArrayList<>(List.of("eval", model, wide, "--json"));
    eval.addAll(form);
    assertEquals(2, Cli.json(eval.toArray()).getFirst().get("windows").intValue());
  }

  @Test
  void tsfFiles_needNothingSaidButTheHorizon() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "@attribute name string\n@attribute start date\n@frequency weekly\n@data");
    for (String name : List.of("a", "b")) {
      text.append('\n').append(name).append(":2001-01-01 00-00-00:1");
      for (int t = 1; t <= 50; t++) {
        text.append(t == 20 ? ",?" : "," + (10 + t % 5 + name.length()));
      }
    }
    Path tsf = Files.writeString(folder.resolve("weekly.tsf"), text.append('\n'));
    Cli.printed(
        "train", "series", tsf, "--horizon", 3, "--epochs", 1, "--hidden", 2, "--out", model);
    assertEquals(2, Cli.json("eval", model, tsf, "--json").getFirst().get("windows").intValue());
    assertEquals(
        4,
        Cli.json("backtest", model, tsf, "--folds", 2, "--json")
            .getFirst()
            .get("windows")
            .intValue());
    Path table = folder.resolve("forecast.csv");
    Cli.printed("forecast", model, tsf, "--out", table);
    List<String> lines = Files.readAllLines(table);
    assertEquals(7, lines.size());
    assertTrue(lines.get(1).startsWith("a,2001-12-24"), lines::toString);
    JsonNode look = Cli.json("look", tsf, "--json").getFirst();
    assertEquals("every week", look.get("time").get("frequency").asString());
    assertEquals(2, look.get("series").intValue());
  }

  @Test
  void run_whoseDataAreRefused_leavesNoFolder() throws IOException {
    Path run = folder.resolve("run");
    List<Object> line =
        List.of("train", "series", file, "--target", "sales", "--horizon", 5000, "--run", run);
    assertEquals(2, Cli.run(line.toArray()).exitCode());
    assertFalse(Files.exists(run));
    // One that was there stays, with what it had.
    Files.createDirectories(run);
    Path note = Files.writeString(run.resolve("note.txt"), "mine");
    assertEquals(2, Cli.run(line.toArray()).exitCode());
    assertTrue(Files.exists(note));
    assertFalse(Files.exists(run.resolve("config.txt")));
  }

  @Test
  void from_aModelOfOtherData_isRefused() {
    train();
    Path other = folder.resolve("other.safetensors");
    Cli same =
        Cli.run(
            "train",
            "series",
            file,
            "--target",
            "sales",
            "--time",
            "date",
            "--by",
            "shop",
            "--horizon",
            7,
            "--batch",
            8,
            "--epochs",
            1,
            "--hidden",
            8,
            "--from",
            model,
            "--out",
            other);
    assertEquals(0, same.exitCode(), same::toString);
    Cli cli =
        Cli.run(
            "train",
            "series",
            file,
            "--target",
            "sales",
            "--time",
            "date",
            "--by",
            "shop",
            "--horizon",
            7,
            "--batch",
            8,
            "--epochs",
            1,
            "--hidden",
            8,
            "--lags",
            "7,21",
            "--from",
            model,
            "--out",
            other);
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
  }

  @Test
  void backtest_ofTheHeldOutPart_tellsScoresBesideTheNaiveMethod() {
    train("--holdout", 21);
    JsonNode line = Cli.json("backtest", model, file, "--folds", 3, "--json").getFirst();
    assertEquals(6, line.get("windows").intValue());
    assertEquals(7, line.get("steps").size());
    assertTrue(line.get("mase").doubleValue() > 0 && line.get("naive_mase").doubleValue() > 0);
    String text = Cli.printed("backtest", model, file, "--folds", 3);
    assertTrue(text.contains("seasonal naive") && text.contains("within 80 %"), text);
  }

  private List<Object> trainedBacktest(Object... more) {
    List<Object> arguments = new ArrayList<>();
    Collections.addAll(
        arguments,
        "backtest",
        file,
        "--time",
        "date",
        "--by",
        "shop",
        "--target",
        "sales",
        "--horizon",
        7,
        "--hidden",
        8,
        "--batch",
        8,
        "--epochs",
        2);
    Collections.addAll(arguments, more);
    return arguments;
  }

  @Test
  void backtest_withoutAModel_isThatOfAModelOfWhatLiesBefore() {
    train("--known", "promo", "--holdout", 21);
    JsonNode expected = Cli.json("backtest", model, file, "--folds", 3, "--json").getFirst();
    List<JsonNode> lines =
        Cli.json(trainedBacktest("--known", "promo", "--folds", 3, "--json").toArray());
    assertEquals(2, lines.size());
    assertEquals("trained", lines.getFirst().get("event").asString());
    assertEquals("2024-04-28", lines.getFirst().get("until").asString());
    assertEquals(expected, lines.getLast());
  }

  @Test
  void backtest_withRefits_tellsOfEachTraining() throws IOException {
    String text = Cli.printed(trainedBacktest("--folds", 3, "--refit", 2).toArray());
    assertTrue(text.contains("trained   1 of 2, on what is known until 2024-04-28"), text);
    assertTrue(text.contains("trained   2 of 2, on what is known until 2024-05-12"), text);
    assertTrue(text.contains("seasonal naive"), text);
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void backtest_withOptionsThatDoNotFit_isRefusedInOneLine() {
    train();
    List<List<Object>> wrong =
        List.of(
            List.of("backtest", model),
            List.of("backtest", model, file, "--refit", 1),
            List.of("backtest", model, file, "--hidden", 8),
            List.of("backtest", model, file, "--horizon", 7),
            List.of("backtest", model, file, "--init", "forget=1"),
            List.of("backtest", model, file, "--target", "sales"),
            List.of("backtest", file, "--target", "sales"),
            List.of("backtest", folder.resolve("none.csv"), "--target", "sales", "--horizon", 7),
            trainedBacktest("--holdout", 7),
            trainedBacktest("--refit", 0),
            trainedBacktest("--folds", 18),
            trainedBacktest("--stride", 2_000_000_000, "--folds", 3));
    for (List<Object> line : wrong) {
      Cli cli = Cli.run(line.toArray());
      assertEquals(2, cli.exitCode(), line + ": " + cli);
      assertEquals(1, cli.err().size(), line + ": " + cli);
      assertEquals("", cli.out(), line::toString);
    }
  }

  @Test
  void training_ofTheSameSeed_givesTheSameModelForAnyNumberOfThreads() throws IOException {
    train("--threads", 1);
    byte[] one = Files.readAllBytes(model);
    Files.delete(model);
    train("--threads", 2);
    assertEquals(-1, java.util.Arrays.mismatch(one, Files.readAllBytes(model)));
  }

  @Test
  void training_thatGoesOn_endsAsWithoutTheInterruption() throws IOException {
    Path run = folder.resolve("run");
    train("--static", "shop", "--static-start");
    byte[] whole = Files.readAllBytes(model);
    train("--static", "shop", "--static-start", "--run", run, "--checkpoint", 30);
    assertEquals(-1, java.util.Arrays.mismatch(whole, Files.readAllBytes(model)));
    Files.delete(model);
    train("--static", "shop", "--static-start", "--run", run, "--resume");
    assertEquals(-1, java.util.Arrays.mismatch(whole, Files.readAllBytes(model)));
  }

  @Test
  void wrongArguments_areRefusedInOneLine() {
    for (List<String> wrong :
        List.of(
            List.of("--known", "nothing"),
            List.of("--known", "sales"),
            List.of("--horizon", "0"),
            List.of("--context", "x"),
            List.of("--season", "0"),
            List.of("--lags", "7,x"),
            List.of("--calendar", "moon"),
            List.of("--scale", "big"),
            List.of("--output", "quantiles:0.1,0.9"),
            List.of("--output", "guess"),
            List.of("--output", "negbin", "--scale", "log"),
            List.of("--frequency", "hourly"),
            List.of("--duplicates", "first"),
            List.of("--holdout", "-1"),
            List.of("--holdout", "1000"),
            List.of("--validate", "0"),
            List.of("--static-start"),
            List.of("--static", "shop", "--static-start", "--state", "carried"),
            List.of("--hidden", "many"))) {
      List<Object> arguments =
          new ArrayList<>(
              List.of(
                  "train", "series", file, "--target", "sales", "--by", "shop", "--out", model));
      if (!wrong.contains("--horizon")) {
        arguments.addAll(List.of("--horizon", "7"));
      }
      arguments.addAll(wrong);
      Cli cli = Cli.run(arguments.toArray());
      assertEquals(2, cli.exitCode(), wrong + ": " + cli);
      assertEquals(1, cli.err().size(), wrong + ": " + cli);
      assertFalse(Files.exists(model), wrong::toString);
    }
  }

  @Test
  void modelOfAnotherKind_isRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("t.txt"), "abcabcabc ".repeat(100));
    Cli.printed("train", "text", text, "--epochs", 1, "--hidden", 4, "--out", model);
    for (String command : List.of("forecast", "backtest", "predict")) {
      Cli cli = Cli.run(command, model, file);
      assertEquals(2, cli.exitCode(), cli::toString);
      assertEquals(1, cli.err().size(), cli::toString);
      assertTrue(
          cli.err().getFirst().endsWith("a model of texts, which unfold eval and sample take"),
          cli::toString);
    }
    train();
    for (List<Object> line :
        List.of(List.<Object>of("sample", model), List.<Object>of("predict", model, file))) {
      Cli cli = Cli.run(line.toArray());
      assertEquals(2, cli.exitCode(), cli::toString);
      assertTrue(
          cli.err().getFirst().contains("a model of series, which unfold forecast, backtest"),
          cli::toString);
    }
  }
}
