package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;

/// Looks at the error flow of a small model: as text, as JSON, and on the page, in a browser.
final class InspectTest {
  private static final int STEPS = 24;

  /// What all tests read, and none changes.
  @TempDir private static Path common;

  private static Path model;
  private static Path text;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    text = Texts.write(common.resolve("text.txt"), 600);
    model = common.resolve("m.safetensors");
    Cli.printed(
        "train",
        "text",
        text,
        "--cell",
        "lstm",
        "--layers",
        2,
        "--hidden",
        8,
        "--steps",
        16,
        "--batch",
        4,
        "--epochs",
        3,
        "--out",
        model);
  }

  private Object[] line(Object... more) {
    List<Object> line =
        new java.util.ArrayList<>(
            List.of("inspect", model, "--data", text, "--steps", STEPS, "--batch", 2));
    line.addAll(List.of(more));
    return line.toArray();
  }

  @Test
  void json_ofAModel_hasTheTriangleOfEachLayer() {
    JsonNode json = Cli.json(line("--json")).getFirst();
    assertEquals(STEPS, json.path("times").size());
    assertEquals(2, json.path("layers").size());
    for (JsonNode layer : json.path("layers")) {
      for (int t = 0; t < STEPS; t++) {
        for (int s = 0; s < STEPS; s++) {
          double norm = layer.path("norms").path(t).path(s).asDouble();
          assertTrue(s <= t ? norm > 0 : norm == 0, "t=" + t + ", t'=" + s + ": " + norm);
        }
        assertEquals(1, layer.path("cosines").path(t).path(t).asDouble(), 1e-6);
      }
    }
    assertReach(json.path("reach"), 8);
    assertEquals(1, json.path("shares").path("up_to").path(STEPS - 1).asDouble(), 1e-6);
    assertEquals(
        List.of(1, 2, 4, 8, 16, 24),
        json.path("truncation").valueStream().map(cut -> cut.path("window").asInt()).toList());
    assertTrue(json.path("advice").size() >= 2, json::toString);
    assertEquals(6, json.path("jacobians").size());
    // h and c of two layers of eight units.
    assertEquals(32, json.path("jacobians").path(0).path("singular_values").size());
    assertEquals(16, json.path("jacobians").path(0).path("layers").path(1).size());
    JsonNode shares = json.path("layers").path(1).path("shares");
    assertEquals(1, shares.path("up_to").path(STEPS - 1).asDouble(), 1e-6);
    assertReach(json.path("layers").path(1).path("reach"), 8);
    // Windows of one step cut all that a cut at lag 0 does, and nothing else.
    double alone = json.path("truncation").path(0).path("error").asDouble();
    assertEquals(alone, json.path("reach").path("errors").path(0).asDouble(), 1e-5);
  }

  /// The lags are those from which on the errors, with their intervals, are within what is said.
  private static void assertReach(JsonNode reach, int batches) {
    assertEquals(batches, reach.path("batches").asInt());
    assertEquals(2, reach.path("sequences").asInt());
    assertEquals(STEPS, reach.path("errors").size());
    assertEquals(0, reach.path("errors").path(STEPS - 1).asDouble());
    double[] most = new double[STEPS];
    for (int k = 0; k < STEPS; k++) {
      double by = reach.path("errors_by").path(k).asDouble();
      most[k] = reach.path("errors").path(k).asDouble() + by;
      assertTrue(k == STEPS - 1 || (most[k] > 0 && by > 0), "lag " + k);
    }
    Map<String, Double> within =
        Map.of("half", 0.5, "tenth", 0.1, "hundredth", 0.01, "tolerance", 0.1);
    within.forEach((name, error) -> {
      int lag = STEPS - 1;
      while (lag > 0 && most[lag - 1] <= error) {
        lag--;
      }
      assertEquals(lag, reach.path("within").path(name).asInt(), name);
    });
  }

  @Test
  void json_ofAModel_tellsWhatRulesThrowAway() {
    JsonNode rules =
        Cli.json(line("--json", "--rules", "rtrl,snap1,eprop,immediate,kf-rtrl"))
            .getFirst()
            .path("rules");
    assertEquals(
        List.of("rtrl", "snap1", "eprop", "immediate", "kf-rtrl"),
        rules.valueStream().map(rule -> rule.path("name").asString()).toList());
    assertEquals(1, rules.path(0).path("cosine").asDouble(), 1e-5);
    assertEquals(0, rules.path(0).path("layers").size());
    double[] errors =
        rules.valueStream().mapToDouble(rule -> rule.path("error").asDouble()).toArray();
    assertTrue(errors[0] < 1e-3 && errors[0] < errors[1] && errors[1] < errors[3], rules::toString);
    // What a unit hands on to itself reaches back from each step to the first.
    JsonNode layer = rules.path(1).path("layers").path(1);
    assertEquals("l1", layer.path("name").asString());
    assertTrue(layer.path("norms").path(STEPS - 1).path(0).asDouble() > 0);
    assertEquals("the same unit", rules.path(1).path("passes").asString());
    assertTrue(rules.path(3).path("passes").isNull());
    assertTrue(
        rules.path(4).path("refused").asString().contains("one layer of a cell with one state"),
        rules.path(4)::toString);
    String out = Cli.printed(line("--errors", 2, "--batches", 1, "--rules", "eprop"));
    assertTrue(out.contains("online rules"), out);
    assertTrue(
        !Cli.printed(line("--errors", 2, "--batches", 1, "--rules", "none"))
            .contains("online rules"));
    Cli wrong = Cli.run(line("--rules", "snap3"));
    assertEquals(2, wrong.exitCode());
    assertTrue(
        wrong.err().getFirst().contains("--rules: expected none alone, or names of rtrl"),
        wrong::toString);
  }

  @Test
  void json_ofAModel_tellsTheRoundsOfNewtonsMethodInTime() {
    JsonNode rounds = Cli.json(line("--json", "--batches", 1)).getFirst().path("rounds");
    assertEquals(2, rounds.size());
    for (int l = 0; l < 2; l++) {
      JsonNode layer = rounds.path(l);
      assertEquals("l" + l, layer.path("name").asString());
      assertFalse(layer.path("linear").asBoolean());
      double gain = layer.path("gain").asDouble();
      int memory = (int) Math.ceil(Math.log(1e-5) / Math.log(gain));
      assertEquals(memory, layer.path("memory").asInt());
      assertEquals(Math.min(STEPS, memory), layer.path("expected").asInt());
      int whole = layer.path("whole").path("rounds").asInt();
      int diagonal = layer.path("diagonal").path("rounds").asInt();
      assertTrue(whole > 1 && whole <= 9 && diagonal > whole && diagonal <= STEPS, layer::toString);
      assertTrue(layer.path("whole").path("settled").asBoolean());
    }
    String out = Cli.printed(line("--errors", 2, "--batches", 1));
    assertTrue(out.contains("parallel in time") && out.contains(", with the diagonal alone "), out);
  }

  @Test
  void reach_ofOneBatch_hasNoInterval() {
    JsonNode json = Cli.json(line("--json", "--batches", 1, "--errors", 2)).getFirst();
    assertEquals(1, json.path("reach").path("batches").asInt());
    assertTrue(json.path("reach").path("errors_by").isNull());
    String out = Cli.printed(line("--batches", 1, "--errors", 2));
    assertTrue(out.contains("mean of 1 batch of 2 sequences"), out);
  }

  @Test
  void json_ofAModel_hasItsGatesAndWhatTheTextNeeds() {
    JsonNode json = Cli.json(line("--json", "--errors", 2)).getFirst();
    JsonNode saturation = json.path("saturation");
    assertEquals(
        List.of("f", "i", "g", "o", "tanh(c)", "f", "i", "g", "o", "tanh(c)"),
        saturation.valueStream().map(values -> values.path("name").asString()).toList());
    for (JsonNode values : saturation) {
      double sum = values.path("shares").valueStream().mapToDouble(JsonNode::asDouble).sum();
      assertEquals(1, sum, 1e-9, values::toString);
      assertEquals(8, values.path("units").asInt());
    }
    assertTrue(json.path("need").path("nearest").asDouble() > 0, json::toString);
    assertTrue(json.path("layers").path(0).path("units").isNull());
  }

  @Test
  void units_ofAModel_haveTheNormsOfTheMap() {
    // The errors of the map are then those of the units.
    JsonNode json = Cli.json(line("--json", "--units", "--errors", 16)).getFirst();
    JsonNode times = json.path("times");
    assertEquals(16, times.size());
    for (JsonNode layer : json.path("layers")) {
      assertEquals(STEPS, layer.path("units").size());
      assertEquals(32, layer.path("units").path(0).size());
      for (int lag = 0; lag < STEPS; lag++) {
        double own = 0;
        for (JsonNode unit : layer.path("units").path(lag)) {
          own += unit.asDouble() * unit.asDouble();
        }
        double sum = 0;
        int count = 0;
        for (int i = 0; i < times.size(); i++) {
          int t = times.path(i).asInt();
          if (t >= lag) {
            sum += Math.pow(layer.path("norms").path(i).path(t - lag).asDouble(), 2);
            count++;
          }
        }
        assertEquals(sum / count, own, 1e-5 * own, "lag " + lag);
      }
    }
  }

  @Test
  void png_ofAModel_isItsMap() throws IOException {
    Path file = folder.resolve("m.png");
    JsonNode json = Cli.json(line("--json", "--png", file)).getFirst();
    BufferedImage image = ImageIO.read(file.toFile());
    int width = image.getWidth() / STEPS;
    assertTrue(image.getWidth() >= 512 && image.getWidth() == image.getHeight());
    for (int t = 0; t < STEPS; t++) {
      for (int s = 0; s < STEPS; s++) {
        int pixel = image.getRGB(s * width + width / 2, t * width + width / 2) & 0xffffff;
        assertEquals(norm(json, 0, t, s) == 0, pixel == 0xffffff, "t=" + t + ", t'=" + s);
      }
    }
    Cli.printed(line("--errors", 2, "--png", file));
  }

  @Test
  void model_ofSets_isFollowedOnTheBeginningsOfItsSequences() throws IOException {
    StringBuilder sets = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      for (int t = 0; t < 10 + i; t++) {
        sets.append(t > 0 ? " " : "").append((t * 3 + i) % 7).append(',').append(t % 5);
      }
      sets.append('\n');
    }
    Path data = Files.writeString(folder.resolve("sets.txt"), sets);
    Path own = folder.resolve("sets.safetensors");
    Path run = folder.resolve("sets");
    Cli.printed(
        "train",
        "sets",
        data,
        "--valid",
        data,
        "--cell",
        "gru",
        "--hidden",
        8,
        "--batch",
        4,
        "--epochs",
        2,
        "--out",
        own,
        "--run",
        run,
        "--watch",
        2);
    JsonNode json = Cli.json("inspect", own, "--data", data, "--json").getFirst();
    assertEquals(15, json.path("steps").asInt());
    assertEquals(4, json.path("batch").asInt());
    assertTrue(json.path("need").isNull());
    assertEquals(0, json.path("reach").path("errors").path(14).asDouble(), 1e-6);
    assertEquals(6, json.path("jacobians").size());
    assertTrue(Cli.printed("inspect", run).contains("update 2 "));
    Cli tooLong = Cli.run("inspect", own, "--data", data, "--steps", 50);
    assertEquals(2, tooLong.exitCode());
    assertEquals(
        List.of("unfold: --steps: expected T below the length of a sequence, 21 at most, got 50"),
        tooLong.err());
    Cli trial = Cli.run("inspect", own, "--data", data, "--try");
    assertEquals(2, trial.exitCode());
    assertEquals(
        List.of("unfold: --try: expected a model that was trained on text, got another"),
        trial.err());
  }

  @Test
  void text_ofAModel_hasMapReachAndTruncation() {
    String out = Cli.printed(line("--errors", 5, "--advise", "--svg", folder.resolve("m.svg")));
    for (String part :
        List.of(
            "errors of l0",
            "errors of l1",
            "t=23",
            "reach ",
            "within 50 % from lag",
            "shares ",
            "cut at lag k",
            "cosine",
            "gates and activations",
            "l1 tanh(c)",
            "advice")) {
      assertTrue(out.contains(part), out);
    }
    assertTrue(Files.exists(folder.resolve("m.svg")));
  }

  @Test
  void inspect_withWhatCannotBe_isRefused() {
    assertRefused(
        "--steps: expected T of 2 or more, got 1", line("--errors", 1, "--tolerance", 1), 5, 1);
    assertRefused(
        "none.txt: expected a file, found none",
        new Object[] {"inspect", model, "--data", folder.resolve("none.txt")},
        -1,
        0);
    assertRefused("expected at least T+1=100001 tokens", line(), 5, 100_000);
  }

  @Test
  void out_overAFileOfAnotherKind_isRefusedAndTheFileStays() throws IOException {
    byte[] before = Files.readAllBytes(model);
    assertRefused("--out: expected a new file", line("--out", model), -1, 0);
    assertRefused("--svg: expected a new file", line("--svg", text), -1, 0);
    assertRefused(
        "--out: expected a file in a folder that exists",
        line("--out", folder.resolve("none").resolve("a.html")),
        -1,
        0);
    assertArrayEquals(before, Files.readAllBytes(model));
    Path page = folder.resolve("again.html");
    Cli.printed(line("--errors", 2, "--out", page));
    Cli.printed(line("--errors", 2, "--out", page));
  }

  private static void assertRefused(String reason, Object[] line, int place, Object value) {
    Object[] changed = line.clone();
    if (place >= 0) {
      changed[place] = value;
    }
    Cli cli = Cli.run(changed);
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
  }

  @Test
  void try_ofAnAdvice_saysWhatBothNetworksLose() {
    JsonNode json = Cli.json(line("--json", "--try", "--errors", 4)).getFirst();
    JsonNode trial = json.path("trial");
    assertTrue(json.path("advice").path(0).asString().contains(trial.path("option").asString()));
    double without = trial.path("without").path("nats").asDouble();
    double with = trial.path("with").path("nats").asDouble();
    assertTrue(without > 0 && with > 0 && without != with, trial::toString);
    assertEquals(with < without - 0.005, trial.path("helped").asBoolean());
    String out = Cli.printed(line("--try", "--errors", 4));
    assertTrue(out.contains("tried     --init forget=1"), out);
    assertTrue(out.contains("it helped") || out.contains("it did not help"), out);
  }

  @Test
  void watch_duringTraining_showsTheReachAndChangesNoBit() throws IOException {
    Path run = folder.resolve("run");
    Path other = folder.resolve("other.safetensors");
    Object[] line = {
      "train",
      "text",
      text,
      "--cell",
      "lstm",
      "--layers",
      2,
      "--hidden",
      8,
      "--steps",
      16,
      "--batch",
      4,
      "--epochs",
      3,
      "--out",
      other,
      "--run",
      run,
      "--watch",
      10
    };
    Cli.printed(line);
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(other));
    String growth = Cli.printed("inspect", run);
    assertTrue(growth.contains("update 1 ") && growth.contains("update 10"), growth);
    assertTrue(growth.contains("a look took "), growth);
    List<JsonNode> looks = Cli.json("inspect", run, "--json");
    assertEquals(2, looks.getLast().path("layers").size());
    JsonNode reach = looks.getLast().path("reach");
    assertEquals(4, reach.path("batches").asInt());
    assertEquals(1, reach.path("sequences").asInt());
    int tenth = reach.path("tenth").asInt();
    assertTrue(reach.path("half").asInt() <= tenth && tenth < 16, reach::toString);
    assertTrue(looks.getLast().path("shares").path("all").asInt() < 16);
    // Lines of a version that told shares under another name are read as well.
    Path flow = run.resolve("flow.jsonl");
    String old =
        "{\"update\":1,\"lags\":{\"half\":1,\"most\":2,\"all\":4},\"layers\":[{\"name\":\"l0\","
            + "\"gain\":0.5,\"half_life\":1,\"decay\":[0.5]}],\"seconds\":0.1}\n";
    Files.writeString(flow, old + Files.readString(flow));
    String mixed = Cli.printed("inspect", run);
    assertTrue(mixed.contains("update 1           -    -    -  |"), mixed);
    assertTrue(mixed.contains("of 1 look no lags are known"), mixed);
    Cli none = Cli.run("inspect", folder);
    assertEquals(2, none.exitCode());
    assertTrue(none.err().getFirst().contains("expected the folder of a run with --watch"));
  }

  @Test
  void gradcheck_ofTheModelAndOfACell_passes() {
    assertTrue(Cli.printed("gradcheck", model, "--steps", 3, "--batch", 1).contains("passed: "));
    List<JsonNode> rows = Cli.json("gradcheck", "indrnn", "--json");
    assertTrue(rows.size() > 10 && rows.stream().allMatch(row -> row.path("passed").asBoolean()));
    Cli none = Cli.run("gradcheck", "nothing");
    assertEquals(2, none.exitCode());
  }

  @Test
  void page_inABrowser_showsTheNumbersAtAnyWidthAndInAnyLight() throws Exception {
    Optional<Browser> started = Browser.start();
    if (started.isEmpty()) {
      throw new TestAbortedException("no browser");
    }
    Path page = folder.resolve("report.html");
    JsonNode json = Cli.json(line("--json", "--units", "--out", page)).getFirst();
    try (Browser browser = started.get()) {
      for (int width : new int[] {1280, 400}) {
        for (String scheme : List.of("light", "dark")) {
          browser.open(page, width, scheme);
          assertEquals(List.of(), browser.errors());
          int wide = browser.value("document.documentElement.scrollWidth").asInt();
          assertTrue(wide <= width, "the page is " + wide + " wide in a window of " + width);
          browser.screenshot(
              Path.of("target", "pages", "inspect-%d-%s.png".formatted(width, scheme)));
        }
      }
      browser.open(page, 1280, "light");
      assertNumbers(json, browser.value("data"));
      look(browser, json);
      keys(browser, json);
      assertEquals(10, browser.value("document.querySelectorAll('.bars svg').length").asInt());
      // The network's and those of its two layers.
      assertEquals(3, browser.value("document.querySelectorAll('svg .interval').length").asInt());
      // And what two rules let pass in each layer.
      assertEquals(7, browser.value("document.querySelectorAll('svg .share').length").asInt());
      double error = json.path("reach").path("errors").path(4).asDouble();
      String cells =
          "[...document.querySelectorAll('tr')].find(r => r.cells[0].textContent === '4').cells";
      String shown = browser.text(cells + "[1].textContent");
      assertTrue(shown.startsWith(browser.text(error + ".toFixed(4)") + " ± "), shown);
      units(browser, json);
      String second = "document.querySelectorAll('table.rounds tbody tr')[1].cells";
      JsonNode rounds = json.path("rounds").path(1);
      assertEquals("l1", browser.text(second + "[0].textContent"));
      assertEquals(
          rounds.path("whole").path("rounds").asString(), browser.text(second + "[4].textContent"));
      assertEquals(
          rounds.path("diagonal").path("rounds").asString(),
          browser.text(second + "[5].textContent"));
      assertEquals(List.of(), browser.errors());
    }
  }

  /// The map of each layer.
  private static void assertNumbers(JsonNode json, JsonNode page) {
    assertEquals(json.path("layers").size(), page.path("layers").size());
    for (int l = 0; l < json.path("layers").size(); l++) {
      for (int t = 0; t < STEPS; t++) {
        for (int s = 0; s < STEPS; s++) {
          double expected = norm(json, l, t, s);
          assertEquals(expected, norm(page, l, t, s), "layer " + l + ", t=" + t + ", t'=" + s);
        }
      }
    }
  }

  private static double norm(JsonNode json, int layer, int t, int s) {
    return json.path("layers").path(layer).path("norms").path(t).path(s).asDouble();
  }

  private static String status(Browser browser) throws IOException {
    return browser.text("document.querySelector('.status').textContent");
  }

  /// The number as the page writes it.
  private static String shown(Browser browser, double number) throws IOException {
    return browser.text("number(" + number + ")");
  }

  /// The second map of units, read by the keyboard.
  private static void units(Browser browser, JsonNode json) throws IOException {
    String canvas = "document.querySelectorAll('canvas.units')[1]";
    for (String key : List.of("ArrowRight", "ArrowRight", "ArrowDown")) {
      browser.value(canvas + ".dispatchEvent(new KeyboardEvent('keydown', {key: '" + key + "'}))");
    }
    double size = json.path("layers").path(1).path("units").path(2).path(1).asDouble();
    assertEquals(
        "unit 1, lag 2: " + shown(browser, size),
        browser.text(canvas + ".nextElementSibling.textContent"));
  }

  private void look(Browser browser, JsonNode json) throws IOException {
    browser.value("document.querySelector('canvas.map').scrollIntoView()");
    JsonNode box =
        browser.value(
            "(() => { const b = document.querySelector('canvas.map').getBoundingClientRect();"
                + " return {x: b.left, y: b.top, w: b.width, h: b.height}; })()");
    int t = 17;
    int s = 9;
    double x = box.path("x").asDouble() + (s + 0.5) / STEPS * box.path("w").asDouble();
    double y = box.path("y").asDouble() + (t + 0.5) / STEPS * box.path("h").asDouble();
    browser.moveTo(x, y);
    double norm = norm(json, 0, t, s);
    String before = status(browser);
    assertTrue(
        before.startsWith("t = 17, t′ = 9, lag 8: |δ(t′, t)| = " + shown(browser, norm)), before);
    String picture = "document.querySelector('canvas.map').toDataURL()";
    String whole = browser.text(picture);
    browser.wheel(-100);
    browser.wheel(-100);
    browser.moveTo(x, y);
    assertNotEquals(whole, browser.text(picture));
    assertTrue(status(browser).startsWith("t = 17, t′ = 9,"), status(browser));
    double far = box.path("x").asDouble() + 0.5 / STEPS * box.path("w").asDouble();
    browser.moveTo(far, y);
    assertTrue(!status(browser).contains("t′ = 0,"), status(browser));
    browser.value("document.querySelectorAll('button')[2].click()");
    browser.moveTo(x, y);
    assertEquals(before, status(browser));
  }

  private void keys(Browser browser, JsonNode json) throws IOException {
    browser.value("document.querySelector('canvas.map').focus()");
    browser.key("ArrowLeft");
    browser.key("ArrowLeft");
    browser.key("ArrowDown");
    double norm = norm(json, 0, 18, 7);
    String now = status(browser);
    assertTrue(now.startsWith("t = 18, t′ = 7, lag 11: |δ(t′, t)| = " + shown(browser, norm)), now);
    String picture = "document.querySelector('canvas.map').toDataURL()";
    String whole = browser.text(picture);
    browser.key("+");
    assertNotEquals(whole, browser.text(picture));
    browser.key("0");
    assertEquals(whole, browser.text(picture));
  }
}
