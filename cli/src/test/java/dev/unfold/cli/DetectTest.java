package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Finds what is odd in a series, by the command line and by the page about it.
final class DetectTest {
  private static final int HOURS = 700;
  private static final int SPIKE = 650;
  private static final Path PAGE = Path.of("..", "docs", "detection.md");

  @TempDir private static Path folder;
  private static Path file;
  private static Path model;

  @BeforeAll
  static void train() throws IOException {
    file = write("cpu.csv", 0, HOURS);
    model = folder.resolve("model.safetensors");
    train(model, "--horizon", 1, "--state", "carried", "--output", "student");
  }

  private static Path write(String name, int from, int until) throws IOException {
    SplittableRandom random = new SplittableRandom(4);
    StringBuilder text = new StringBuilder("time,cpu\n");
    for (int hour = 0; hour < until; hour++) {
      double cpu = 50 + 10 * Math.sin(hour * Math.PI / 12) + random.nextGaussian();
      if (hour >= from) {
        text.append(
            "%s,%.3f%n"
                .formatted(
                    LocalDateTime.of(2024, 1, 1, 0, 0).plusHours(hour),
                    hour == SPIKE ? cpu + 40 : cpu));
      }
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private static void train(Path out, Object... more) {
    List<Object> arguments = new ArrayList<>();
    arguments.addAll(List.of("train", "series", file, "--target", "cpu", "--holdout", 100));
    arguments.addAll(List.of("--context", 24, "--season", 24, "--lags", "24", "--hidden", 8));
    arguments.addAll(List.of("--batch", 8, "--epochs", 3, "--json", "--out", out));
    arguments.addAll(List.of(more));
    Cli.printed(arguments.toArray());
  }

  @Test
  void spike_isAnAlarmInTheTableAndForPeople() throws IOException {
    Path out = folder.resolve("scores.csv");
    String said = Cli.printed("detect", model, file, "--alarms", "1/month", "--out", out);
    assertTrue(said.contains("2024-01-28T02:00  cpu "), said);
    assertTrue(said.contains("700 events of 1 series"), said);
    List<String> lines = Files.readAllLines(out);
    assertEquals(1 + HOURS, lines.size());
    assertEquals("time,cpu,cpu_expected,cpu_low,cpu_high,cpu_score,score,alarm", lines.getFirst());
    assertFalse(lines.get(1 + SPIKE).endsWith(",0"), lines.get(1 + SPIKE));
    assertEquals(
        String.join("\n", lines) + "\n", Cli.printed("detect", model, file, "--alarms", "1/month"));
    // A table is replaced by the next one, and nothing else is.
    Cli.printed("detect", model, file, "--alarms", "1/month", "--out", out);
    assertRefused("out", model, file, "--alarms", "1/month", "--out", model);
  }

  @Test
  void linesOfJson_haveTheSame() {
    List<JsonNode> lines = Cli.json("detect", model, file, "--alarms", "1/month", "--json");
    assertEquals(HOURS, lines.size());
    JsonNode spike = lines.get(SPIKE);
    assertEquals("2024-01-28T02:00", spike.get("time").stringValue());
    assertTrue(spike.get("alarm").intValue() > 0, spike::toString);
    assertTrue(spike.get("score").doubleValue() < 1e-3, spike::toString);
    assertTrue(spike.get("cpu").doubleValue() > spike.get("cpu_high").doubleValue());
  }

  @Test
  void state_goesOnWhereItWasLeft() throws IOException {
    String whole = Cli.printed("detect", model, file, "--alarms", "1/week");
    Path state = folder.resolve("parts.state");
    Path first = write("first.csv", 0, 333);
    Path second = write("second.csv", 333, HOURS);
    String parts = Cli.printed("detect", model, first, "--alarms", "1/week", "--state", state);
    String rest = Cli.printed("detect", model, second, "--alarms", "1/week", "--state", state);
    assertEquals(whole, parts + rest.substring(rest.indexOf('\n') + 1));
    Path other = folder.resolve("other.safetensors");
    train(other, "--horizon", 1, "--state", "carried", "--output", "normal");
    assertRefused("another", other, file, "--alarms", "1/week", "--state", state);
    assertRefused("detector has left", model, file, "--alarms", "1/week", "--state", model);
  }

  @Test
  void rowThatCannotBeRead_endsItAfterThoseBefore() throws IOException {
    Path wrong = folder.resolve("wrong.csv");
    Path state = folder.resolve("wrong.state");
    Path out = folder.resolve("wrong.out.csv");
    Files.writeString(wrong, "time,cpu\n2024-01-01T00:00,50\n2024-01-01T01:00,5o\n");
    Cli cli = Cli.run("detect", model, wrong, "--alarms", "1/week", "--state", state, "--out", out);
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains("line 3, column cpu"), cli::toString);
    assertEquals(2, Files.readAllLines(out).size());
    Files.writeString(wrong, "time,cpu\n2024-01-01T01:00,50\n");
    Cli.printed("detect", model, wrong, "--alarms", "1/week", "--state", state);
  }

  private static void assertRefused(String says, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("detect"));
    all.addAll(List.of(arguments));
    Cli cli = Cli.run(all.toArray());
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains(says), cli::toString);
  }

  @Test
  void wrongArguments_areRefusedInOneLine() {
    for (String wrong : List.of("1", "week", "1/moon", "0/week", "5/hour")) {
      assertRefused("--alarms", model, file, "--alarms", wrong);
    }
    assertRefused("found none", model, folder.resolve("nothing"), "--alarms", "1/week");
    Path window = folder.resolve("window.safetensors");
    train(window, "--horizon", 1);
    assertRefused("--horizon 1 --state carried", window, file, "--alarms", "1/week");
    assertRefused("columns id, step, value, got cpu", model, file, "--alarms", "1/week", "--wide");
  }

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    PageProgram program = new PageProgram("Example", folder);
    program.compile(
        """
        import dev.unfold.data.table.*;
        import dev.unfold.kernels.*;
        import dev.unfold.run.series.*;
        import java.nio.file.*;
        class Example {
          static void main() throws Exception {
        """
            + PageProgram.blocks(PAGE, "java").getFirst()
            + "  }\n}\n");
    assertTrue(program.run().contains("2024-01-28T02:00 cpu"));
    assertTrue(Files.exists(folder.resolve("cpu.state")));
  }
}
