package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class BenchTest {
  @TempDir private Path folder;

  @Test
  void engines_ofTwoLengths_areMeasuredAndDrawn() throws Exception {
    Path svg = folder.resolve("engines.svg");
    List<JsonNode> lines =
        Cli.json(
            "bench",
            "engines",
            "--hidden",
            8,
            "--steps",
            "300,600",
            "--memory",
            "50%",
            "--window",
            3,
            "--repetitions",
            1,
            "--svg",
            svg,
            "--json");
    assertEquals(6, lines.size());
    for (int i = 0; i < 6; i += 3) {
      JsonNode full = lines.get(i);
      JsonNode budget = lines.get(i + 2);
      assertEquals(full.get("loss").asDouble(), budget.get("loss").asDouble());
      double bytes = full.get("memory_bytes").asDouble();
      assertTrue(budget.get("memory_bytes").asDouble() <= bytes / 2, budget::toString);
    }
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    var picture = factory.newDocumentBuilder().parse(svg.toFile());
    assertEquals(12, picture.getElementsByTagName("circle").getLength());
    assertTrue(Files.readString(svg).contains(">truncated, 3 steps</text>"));
  }

  @Test
  void gradients_ofRules_areComparedAndDrawn() throws Exception {
    Path svg = folder.resolve("gradients.svg");
    Object[] line = {
      "bench",
      "gradients",
      "--cell",
      "lstm",
      "--hidden",
      4,
      "--length",
      8,
      "--batch",
      2,
      "--batches",
      3,
      "--draws",
      3,
      "--updates",
      20,
      "--repetitions",
      1,
      "--threads",
      1,
      "--rules",
      "rtrl,immediate,uoro,kf-rtrl",
      "--svg",
      svg,
      "--json"
    };
    List<JsonNode> lines = Cli.json(line);
    assertEquals(
        List.of("kf-rtrl", "bptt", "rtrl", "immediate", "uoro"),
        lines.stream().map(each -> each.path("rule").asString()).toList());
    assertTrue(lines.get(0).path("left_out").asString().contains("one pre-activation"));
    assertEquals(1, lines.get(2).path("cosine").asDouble(), 1e-5);
    double immediate = lines.get(3).path("error").asDouble();
    assertTrue(immediate > 0.01 && lines.get(2).path("error").asDouble() < 1e-4, lines::toString);
    assertTrue(lines.get(4).path("noise").asDouble() > 0.1, lines::toString);
    assertTrue(lines.get(3).path("bytes").asLong() < lines.get(4).path("bytes").asLong());
    assertTrue(
        lines.stream().skip(1).allMatch(each -> each.path("seconds_per_step").asDouble() > 0));
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    var picture = factory.newDocumentBuilder().parse(svg.toFile());
    assertEquals(6, picture.getElementsByTagName("circle").getLength());
    assertTrue(
        Cli.run("bench", "gradients", "--task", "nothing")
            .err()
            .getFirst()
            .contains("--task: expected parity, adding or copying, got nothing"));
  }

  @Test
  void drift_ofASensor_isToldOfEachWayToLearn() throws Exception {
    Path svg = folder.resolve("drift.svg");
    Object[] line = {
      "bench",
      "drift",
      "--cell",
      "lstm",
      "--hidden",
      4,
      "--tokens",
      1600,
      "--trained",
      1,
      "--rules",
      "snap1",
      "--threads",
      1,
      "--svg",
      svg,
      "--json"
    };
    List<JsonNode> lines = Cli.json(line);
    assertEquals(
        List.of("frozen", "bptt, 20 steps", "snap1"),
        lines.stream().map(each -> each.path("learner").asString()).toList());
    for (JsonNode each : lines) {
      assertEquals(40, each.path("curve").size());
      double mean =
          each.path("curve").valueStream().mapToDouble(JsonNode::asDouble).average().orElseThrow();
      assertEquals(each.path("all").asDouble(), mean, 1e-9);
    }
    // After the change who goes on learning is better.
    double frozen = lines.get(0).path("parts").path(3).asDouble();
    assertTrue(lines.get(1).path("parts").path(3).asDouble() < 0.9 * frozen, lines::toString);
    assertTrue(lines.get(2).path("parts").path(3).asDouble() < 0.9 * frozen, lines::toString);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    var picture = factory.newDocumentBuilder().parse(svg.toFile());
    assertEquals(120, picture.getElementsByTagName("circle").getLength());
  }

  @Test
  void drift_ofAText_isToldBesideItsModel() throws Exception {
    Path model = Texts.model(folder);
    Path text = Files.writeString(folder.resolve("other"), "fades and time flows\n".repeat(60));
    List<JsonNode> lines =
        Cli.json(
            "bench",
            "drift",
            model,
            text,
            "--tokens",
            800,
            "--segment",
            10,
            "--rules",
            "none",
            "--threads",
            1,
            "--json");
    assertEquals(2, lines.size());
    double frozen = lines.get(0).path("all").asDouble();
    assertTrue(lines.get(1).path("all").asDouble() < 0.9 * frozen, lines::toString);
    Cli left =
        Cli.run(
            "bench",
            "drift",
            model,
            text,
            "--tokens",
            400,
            "--segment",
            10,
            "--rules",
            "rflo",
            "--threads",
            1);
    assertEquals(0, left.exitCode(), left::toString);
    assertTrue(
        left.err().getFirst().contains("rflo is left out: network: expected"), left::toString);
    Cli none = Cli.run("bench", "drift", model);
    assertEquals(2, none.exitCode());
    assertTrue(none.err().getFirst().contains("expected a text beside the model"), none::toString);
    Cli few = Cli.run("bench", "drift", model, text, "--tokens", 5000);
    assertTrue(
        few.err().getFirst().contains("--tokens: expected fewer than four fifths"), few::toString);
  }

  @Test
  void served_ofASensor_learnsWhileItIsServed() throws Exception {
    Path svg = folder.resolve("served.svg");
    Object[] line = {
      "bench",
      "served",
      "--cell",
      "gru",
      "--hidden",
      4,
      "--tokens",
      2400,
      "--trained",
      2,
      "--rate",
      0.1,
      "--learn-window",
      300,
      "--threads",
      1,
      "--svg",
      svg,
      "--json"
    };
    List<JsonNode> lines = Cli.json(line);

    List<JsonNode> learners = lines.stream().filter(each -> each.has("learner")).toList();
    assertEquals(
        List.of("as it was given", "served", "the copy that learns", "weights of its own"),
        learners.stream().map(each -> each.path("learner").asString()).toList());
    double given = learners.get(0).path("parts").path(3).asDouble();
    for (JsonNode each : learners.subList(1, 4)) {
      assertTrue(each.path("parts").path(3).asDouble() < 0.9 * given, lines::toString);
    }
    List<String> kinds =
        lines.stream()
            .filter(each -> each.has("kind"))
            .map(each -> each.path("kind").asString())
            .toList();
    assertTrue(kinds.contains("promotion"), kinds::toString);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    var picture = factory.newDocumentBuilder().parse(svg.toFile());
    assertEquals(160, picture.getElementsByTagName("circle").getLength());
  }

  @Test
  void served_ofAText_isToldBesideItsModel() throws Exception {
    Path model = Texts.model(folder);
    Path text = Files.writeString(folder.resolve("other"), "fades and time flows\n".repeat(60));
    Cli told =
        Cli.run(
            "bench",
            "served",
            model,
            text,
            "--tokens",
            800,
            "--segment",
            10,
            "--learn-engine",
            "immediate",
            "--rate",
            0.2,
            "--learn-window",
            200,
            "--threads",
            1);
    assertEquals(0, told.exitCode(), told::toString);
    assertTrue(told.toString().contains("a promotion: "), told::toString);
    Cli none = Cli.run("bench", "served", "--learn-engine", "snap7");
    assertEquals(2, none.exitCode());
    assertTrue(none.err().getFirst().contains("--learn-engine: expected bptt, or"), none::toString);
  }

  @Test
  void train_ofAFileThatIsMade_isMeasuredInParts() {
    Object[] line = {
      "bench",
      "train",
      "--rows",
      1000,
      "--hidden",
      4,
      "--batch",
      2,
      "--horizon",
      2,
      "--context",
      4,
      "--epochs",
      1,
      "--threads",
      1,
      "--json"
    };
    JsonNode measured = Cli.json(line).getFirst();

    assertEquals(1000, measured.get("rows").asInt());
    assertEquals(10, measured.get("columns").asInt());
    assertEquals(6, measured.get("steps").asInt());
    assertEquals(50, measured.get("updates").asInt());
    List<String> names = new ArrayList<>();
    double sum = 0;
    for (var part : measured.get("parts").properties()) {
      names.add(part.getKey());
      assertTrue(part.getValue().asDouble() > 0, measured::toString);
      sum += part.getValue().asDouble();
    }
    assertEquals(
        List.of("reading", "preparing", "batching", "kernels", "rest", "validating"), names);
    assertTrue(sum <= measured.get("seconds").asDouble(), measured::toString);
  }

  @Test
  void adding_withSmallSequences_isLearnedAndTold() {
    Object[] line = {
      "bench",
      "adding",
      "--length",
      8,
      "--hidden",
      16,
      "--cell",
      "gru",
      "--lr",
      0.01,
      "--epochs",
      8,
      "--json"
    };
    List<JsonNode> lines = Cli.json(line);
    assertEquals(8, lines.getFirst().get("steps").asInt());
    JsonNode finished = lines.getLast();
    assertEquals(800, finished.get("updates").asInt());
    assertTrue(finished.get("best").asDouble() < 0.02, finished::toString);
    assertNotEquals(0, finished.get("best_update").asInt());
    // The same again, number by number but for the time.
    assertEquals(finished.get("best"), Cli.json(line).getLast().get("best"));
  }

  @Test
  void parity_onLongerSequences_isTested() {
    List<JsonNode> lines = Cli.json(parity(12, "--json"));
    assertEquals(10, lines.getFirst().get("steps").asInt());
    JsonNode tested = lines.getLast();
    assertEquals(30, tested.get("steps").asInt());
    assertTrue(tested.get("sequences").asInt() >= 1000, tested::toString);
    assertTrue(tested.get("last").asDouble() > 0.95, tested::toString);
    assertTrue(tested.get("all").asDouble() >= tested.get("last").asDouble() - 0.05);
    // How it is told does not depend on how much was learned.
    String text = Cli.printed(parity(1));
    assertTrue(text.contains("sequences of 30 steps: "), text);
  }

  private static Object[] parity(int epochs, Object... more) {
    List<Object> line =
        new ArrayList<>(List.of("bench", "parity", "--length", 10, "--test-length", 30));
    line.addAll(List.of("--hidden", 16, "--lr", 0.01, "--epochs", epochs));
    line.addAll(List.of(more));
    return line.toArray();
  }

  @Test
  void copying_withABudget_isThatOfTheWhole() {
    Object[] line = {
      "bench", "copying", "--delay", 290, "--hidden", 8, "--batch", 2, "--epochs", 1, "--json"
    };
    Object[] budget = java.util.Arrays.copyOf(line, line.length + 2);
    budget[line.length] = "--memory";
    budget[line.length + 1] = "40%";
    assertEquals(Cli.json(line).getLast().get("best"), Cli.json(budget).getLast().get("best"));
  }

  @Test
  void sessions_inFiles_areSteppedAndOpenedAgain() throws Exception {
    Path store = folder.resolve("store");
    String printed =
        Cli.printed(
            "bench",
            "sessions",
            "--hidden",
            8,
            "--tokens",
            5,
            "--sessions",
            40,
            "--seconds",
            0.2,
            "--threads",
            2,
            "--store",
            store);

    List<String> lines = printed.lines().toList();
    assertEquals("elman, hidden 8, K=5, in memory and in files", lines.getFirst());
    assertTrue(lines.get(1).startsWith("40 sessions opened and stepped in "), printed);
    assertTrue(lines.get(2).startsWith("1 thread: "), printed);
    assertTrue(lines.get(3).startsWith("2 threads: "), printed);
    assertTrue(lines.get(4).startsWith("40 virtual threads: "), printed);
    assertTrue(lines.get(5).startsWith("40 sessions opened again in "), printed);
    Cli again = Cli.run("bench", "sessions", "--store", store);
    assertEquals(2, again.exitCode());
    assertEquals("unfold: --store: expected an empty folder, got " + store, again.err().getFirst());
  }

  /// What it asks of a server that runs is tested where there is one.
  @Test
  void server_thatIsNotThere_isToldInALine() {
    Cli result = Cli.run("bench", "load", "http://127.0.0.1:9", "--seconds", 0.1);

    assertEquals(1, result.exitCode());
    assertTrue(
        result
            .err()
            .getFirst()
            .startsWith("unfold: http://127.0.0.1:9: expected a server that answers"),
        result.err().getFirst());
  }
}
