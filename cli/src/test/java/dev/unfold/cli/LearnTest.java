package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `unfold eval --learn`
final class LearnTest {
  @TempDir private static Path folder;
  private static Path model;
  private static Path text;
  private static Path valid;

  @BeforeAll
  static void write() throws IOException {
    model = Texts.model(folder);
    text = Files.writeString(folder.resolve("text"), "time flows back and fades\n".repeat(40));
    valid = Files.writeString(folder.resolve("valid"), "time goes and fades\n".repeat(20));
  }

  private static Object[] eval(Object... more) {
    List<Object> line = new ArrayList<>(List.of("eval", model, text));
    line.addAll(List.of(more));
    return line.toArray();
  }

  private static JsonNode json(Object... more) {
    List<Object> all = new ArrayList<>(List.of(more));
    all.add("--json");
    return Cli.json(eval(all.toArray())).getFirst();
  }

  @Test
  void learning_onASecondHalf_isToldBesideTheLossWithout() throws IOException {
    byte[] before = Files.readAllBytes(model);
    JsonNode told = json("--learn", "sgd");

    assertEquals("second half", told.get("part").asString());
    assertEquals(519, told.get("tokens").asInt());
    double with = told.get("nats_per_token").asDouble();
    double without = told.get("unchanged_nats_per_token").asDouble();
    assertTrue(with < 0.9 * without, told.toString());
    assertTrue(told.get("tried").size() > 2, told.toString());
    assertTrue(told.get("seconds").asDouble() > 0);
    assertArrayEquals(before, Files.readAllBytes(model));

    String printed = Cli.printed(eval("--learn", "sgd"));
    assertTrue(printed.contains("without learning: %.4f nats".formatted(without)), printed);
    assertTrue(printed.contains("learning:         %.4f nats".formatted(with)), printed);
    assertTrue(printed.contains("chosen on the first half of the data, "), printed);
    assertTrue(printed.contains("519 characters of the second half predicted"), printed);
  }

  @Test
  void cache_besideANetwork_isToldWithItsLossWithout() throws IOException {
    byte[] before = Files.readAllBytes(model);
    JsonNode told = json("--cache", 60);
    assertEquals("second half", told.get("part").asString());
    assertEquals(519, told.get("tokens").asInt());
    double with = told.get("nats_per_token").asDouble();
    double without = told.get("beside_nats_per_token").asDouble();
    assertTrue(with < 0.9 * without, told.toString());
    assertTrue(told.get("share").asDouble() > 0.1, told.toString());
    String printed = Cli.printed(eval("--cache", 60));
    assertTrue(printed.contains("without a cache:  %.4f nats".formatted(without)), printed);
    assertTrue(printed.contains("with a cache:     %.4f nats".formatted(with)), printed);
    assertTrue(printed.contains("519 characters of the second half predicted"), printed);
    assertEquals(1039, json("--cache", 60, "--learn-tune", valid).get("tokens").asInt());
    // Beside learning: two objects, the second of both.
    List<JsonNode> both = Cli.json(eval("--cache", 60, "--learn", "sgd", "--json"));
    assertEquals(2, both.size());
    assertEquals(
        both.get(0).get("nats_per_token").asDouble(),
        both.get(1).get("beside_nats_per_token").asDouble());
    assertEquals("learning", both.get(1).get("beside").asString());
    assertArrayEquals(before, Files.readAllBytes(model));
  }

  @Test
  void learning_withATextToChooseOn_isToldOfAll() {
    JsonNode told = json("--learn", "rms", "--learn-tune", valid, "--learn-from", valid);

    assertEquals("all", told.get("part").asString());
    assertEquals(1039, told.get("tokens").asInt());
    assertTrue(told.get("decay").asDouble() > 0);
    assertTrue(
        told.get("nats_per_token").asDouble() < told.get("unchanged_nats_per_token").asDouble());
    String printed = Cli.printed(eval("--learn", "rms", "--learn-tune", valid));
    assertTrue(printed.contains("chosen on " + valid), printed);
    assertTrue(printed.contains("1,039 characters of all predicted"), printed);
  }

  @Test
  void numbers_thatAreGiven_areUsed() {
    JsonNode told =
        json(
            "--learn",
            "sgd",
            "--learn-rate",
            "0.25",
            "--learn-decay",
            "0.125",
            "--learn-only",
            "readout",
            "--learn-segment",
            "7");

    assertEquals(0.25, told.get("rate").asDouble(), 0);
    assertEquals(0.125, told.get("decay").asDouble(), 0);
    assertEquals("readout", told.get("only").asString());
    assertEquals(7, told.get("segment").asInt());
    assertEquals(0, told.get("tried").size());
  }

  @Test
  void learning_onTwoThreads_comesToTheSame() {
    Object[] learn = {"--learn", "rms", "--learn-rate", "0.001", "--learn-decay", "0.01"};
    List<Object> one = new ArrayList<>(List.of(learn));
    List<Object> two = new ArrayList<>(List.of(learn));
    one.addAll(List.of("--threads", 1));
    two.addAll(List.of("--threads", 2));

    double nats = json(one.toArray()).get("nats_per_token").asDouble();
    assertTrue(nats > 0);
    assertEquals(nats, json(two.toArray()).get("nats_per_token").asDouble(), 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --learn adam | --learn: expected sgd or rms, got adam
          --learn-rate 1 | --learn-rate: expected --learn beside it, got none
          --learn-segment 20 | --learn-segment: expected --learn beside it, got none
          --learn sgd --learn-rate 0 | --learn-rate: expected a number above 0 and below 1e6, got 0.0
          --learn sgd --learn-decay 2 | --learn-decay: expected a number from 0 to 1, got 2.0
          --learn sgd --learn-segment 0 | --learn-segment: expected 1 or more, got 0
          --learn sgd --learn-only head | --learn-only: expected readout, got head
          --learn sgd --learn-from x | --learn-from: expected --learn rms beside it, got sgd
          --learn sgd --learn-rate 1 --learn-tune x | --learn-tune: expected something to choose, got all numbers
          --learn sgd --baseline x | --baseline: expected none beside --learn, got x
          --learn sgd --weights bf16 | --weights: expected 32 bits to learn, got bf16
          """)
  void options_ofNoUse_areRefused(String options, String message) {
    Cli cli = Cli.run(eval((Object[]) options.split(" ")));

    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(List.of("unfold: " + message), cli.err());
    assertEquals("", cli.out());
  }

  /// States of this cell have no bounds.
  @Test
  void rate_thatBlowsUp_isRefusedByItsName() {
    Path unbounded = folder.resolve("unbounded");
    Cli.printed(
        "train",
        "text",
        text,
        "--cell",
        "indrnn",
        "--hidden",
        4,
        "--epochs",
        1,
        "--batch",
        2,
        "--out",
        unbounded);
    Cli cli = Cli.run("eval", unbounded, text, "--learn", "sgd", "--learn-rate", "9e5");

    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(
        List.of("unfold: --learn-rate: expected one that keeps the loss finite, got 900000.0"),
        cli.err());
  }
}
