package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Pages about how good models are, of data whose names would be code if pages took them for that.
final class ReportTest {
  private static final String CODE = "<script>document.title='taken'</script>";
  private static final String END = "</script><b>";
  private static final int DAYS = 60;

  @TempDir private Path folder;

  /// Two series of a target, with names that need quotes.
  private Path series() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder("date,\"sh,op\",%s,%s,kind%n".formatted(CODE, END));
    for (int day = 0; day < DAYS; day++) {
      for (String shop : List.of("<img src=x>", "south")) {
        text.append(
            "%s,%s,%d,%d,%s%n"
                .formatted(
                    LocalDate.of(2024, 1, 1).plusDays(day),
                    shop,
                    20 + 5 * (day % 7) + random.nextInt(4),
                    random.nextInt(2),
                    shop.length()));
      }
    }
    return Files.writeString(folder.resolve("sales.csv"), text);
  }

  private Object[] backtest(Path file, Object... more) {
    List<Object> all =
        new java.util.ArrayList<>(
            List.of(
                "backtest",
                file,
                "--time",
                "date",
                "--by",
                "\"sh,op\"",
                "--target",
                CODE,
                "--known",
                END,
                "--static",
                "kind",
                "--horizon",
                4,
                "--epochs",
                1,
                "--hidden",
                2,
                "--threads",
                1));
    all.addAll(List.of(more));
    return all.toArray();
  }

  /// The numbers of a page, after a look at whether it is one file without a network in which nothing of the data is
  /// code.
  private static JsonNode data(Path page) throws IOException {
    String text = Files.readString(page);
    assertTrue(text.startsWith("<!DOCTYPE html>"), text);
    assertEquals(3, text.split("<script", -1).length, "scripts");
    assertFalse(text.contains("<img") || text.contains("</script><b>"), "names that are code");
    assertFalse(
        text.replace("http://www.w3.org/2000/svg", "").matches("(?s).*(https?:|//[a-z]+\\.).*"));
    String start = "id=\"data\">";
    int from = text.indexOf(start) + start.length();
    return JsonMapper.shared().readTree(text.substring(from, text.indexOf("</script>", from)));
  }

  @Test
  void page_ofABacktest_hasWhatItSaysAndNoCodeOfTheData() throws Exception {
    Path page = folder.resolve("report.html");
    Path scores = folder.resolve("scores.json");
    Path file = series();
    Object[] line = backtest(file, "--folds", 2, "--json", "--report", page, "--scores", scores);
    JsonNode told = Cli.json(line).getLast();

    JsonNode data = data(page);
    assertTrue(data.path("command").asString().startsWith("unfold backtest "), data::toString);
    assertEquals(2, data.path("fans").size());
    assertEquals("The worst", data.path("fans").path(1).path("title").asString());
    assertEquals(4, data.path("fans").path(0).path("actual").size());
    assertEquals(2, data.path("fans").path(0).path("bands").size());
    assertEquals(4, data.path("steps").size());
    assertEquals(11, data.path("levels").size());
    assertEquals(5, data.path("intervals").size());
    assertEquals(
        List.of("known", "static", "times"),
        data.path("worth").valueStream().map(each -> each.path("kind").asString()).toList());
    assertEquals(2, data.path("rows").size());
    assertTrue(data.path("flow").path("layers").size() == 1, data::toString);

    JsonNode all = JsonMapper.shared().readTree(Files.readString(scores));
    assertEquals(told.get("mase"), all.get("mase"));
    assertEquals(2, all.get("series").size());
    assertEquals("<img src=x>", all.get("series").get(0).get("series").get(0).asString());
    double sum = 0;
    for (JsonNode each : all.get("series")) {
      sum += each.get("naive_mase").doubleValue() / 2;
    }
    assertEquals(told.get("naive_mase").doubleValue(), sum, 1e-12);

    // A page replaces a page, and nothing else.
    for (String option : List.of("--report", "--scores")) {
      Cli refused = Cli.run(backtest(file, option, file));
      assertEquals(2, refused.exitCode(), refused::toString);
      assertEquals(1, refused.err().size(), refused::toString);
    }
    look(page, "Backtest");
  }

  @Test
  void page_ofLabels_hasWhatItSaysAndNoCodeOfTheData() throws Exception {
    StringBuilder text = new StringBuilder("class,body\n");
    for (int i = 0; i < 12; i++) {
      text.append("%s,a b c%n\"other\tone\",c d%n".formatted(CODE));
    }
    Path file = Files.writeString(folder.resolve("mails.csv"), text);
    Path model = folder.resolve("m.safetensors");
    Cli.printed(
        "train",
        "classify",
        file,
        "--text",
        "body",
        "--label",
        "class",
        "--epochs",
        1,
        "--hidden",
        2,
        "--threads",
        1,
        "--out",
        model);
    Path page = folder.resolve("report.html");
    JsonNode told = Cli.json("eval", model, file, "--report", page, "--json").getFirst();
    JsonNode data = data(page);
    assertEquals(2, data.path("matrix").path("names").size());
    assertEquals(CODE, data.path("matrix").path("names").path(0).asString());
    long right = 0;
    long count = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        long n = data.path("matrix").path("counts").path(i).path(j).asLong();
        right += i == j ? n : 0;
        count += n;
      }
    }
    assertEquals(24, count);
    assertEquals(told.path("accuracy").doubleValue(), right / 24.0);
    assertEquals(
        24, data.path("parts").valueStream().mapToLong(part -> part.path("count").asLong()).sum());
    assertTrue(data.path("flow").isNull() && !data.path("flow_note").asString().isEmpty());
    look(page, "Labels");

    // A label with a tab is one field of a table.
    String table = Cli.printed("predict", model, file, "--labelled", "--top", 2);
    assertTrue(table.contains("\t\"other\tone\"\t"), table);
  }

  /// In a browser, if there is one.
  private static void look(Path page, String title) throws Exception {
    Optional<Browser> started = Browser.start();
    if (started.isEmpty()) {
      return;
    }
    try (Browser browser = started.get()) {
      for (int width : new int[] {1200, 400}) {
        for (String scheme : List.of("light", "dark")) {
          browser.open(page, width, scheme);
          int wide = browser.value("document.documentElement.scrollWidth").asInt();
          assertTrue(wide <= width, "the page is " + wide + " wide in a window of " + width);
          assertEquals(title, browser.text("document.title"));
          browser.screenshot(
              Path.of(
                  "target",
                  "pages",
                  "%s-%d-%s.png"
                      .formatted(title.toLowerCase(java.util.Locale.ROOT), width, scheme)));
        }
      }
      assertTrue(browser.text("document.body.innerText").contains(CODE));
      assertEquals(0, browser.value("document.querySelectorAll('img').length").asInt());
      String unnamed = "[...document.querySelectorAll('svg[role=img]')].filter(s => !s.ariaLabel)";
      assertEquals(0, browser.value(unnamed + ".length").asInt());
      assertEquals(List.of(), browser.errors());
    }
  }
}
