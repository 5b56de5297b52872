package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Models with weights of 16 bits, by commands.
final class CompressTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"bf16", "fixed16"})
  void compress_onData_tellsWhatEvalTellsOfBothFiles(String weights) throws IOException {
    Path model = Texts.model(folder);
    Path text = Texts.write(folder.resolve("test.txt"), 80);
    Path out = folder.resolve("small.safetensors");
    JsonNode told =
        JSON.readTree(
            Cli.printed("compress", model, text, "--weights", weights, "--out", out, "--json"));
    assertEquals(Files.size(model), told.get("bytes_before").asLong());
    assertEquals(Files.size(out), told.get("bytes_after").asLong());
    assertTrue(Files.size(out) < Files.size(model));
    assertEquals(nats(model, text), told.get("before").get("nats per character").asDouble());
    double after = told.get("after").get("nats per character").asDouble();
    assertEquals(nats(out, text), after);
    // The option rounds as the file is rounded.
    assertEquals(nats(model, text, "--weights", weights), after);
  }

  private static double nats(Path model, Path text, Object... more) {
    Object[] arguments = new Object[4 + more.length];
    arguments[0] = "eval";
    arguments[1] = model;
    arguments[2] = text;
    arguments[3] = "--json";
    System.arraycopy(more, 0, arguments, 4, more.length);
    return JSON.readTree(Cli.printed(arguments)).get("nats_per_token").asDouble();
  }

  @Test
  void compress_forPeople_printsATableAndWhatWasWritten() throws IOException {
    Path model = Texts.model(folder);
    Path text = Texts.write(folder.resolve("test.txt"), 80);
    String printed =
        Cli.printed("compress", model, text, "--out", folder.resolve("small.safetensors"));
    List<String> lines = printed.lines().toList();
    assertTrue(lines.get(0).matches(" +float +bf16 +difference"), printed);
    assertTrue(lines.get(1).startsWith("nats per character "), printed);
    assertTrue(lines.get(2).startsWith("wrote "), printed);
    assertEquals(3, lines.size());
  }

  @Test
  void sampleAndInspect_ofACompressedModel_work() throws IOException {
    Path model = Texts.model(folder);
    Path text = Texts.write(folder.resolve("test.txt"), 80);
    Path small = folder.resolve("small.safetensors");
    Cli.printed("compress", model, "--out", small);
    assertEquals(
        Cli.printed("sample", model, "--length", 30, "--weights", "bf16"),
        Cli.printed("sample", small, "--length", 30));
    Path page = folder.resolve("page.html");
    Cli.printed("inspect", small, "--data", text, "--out", page);
    assertTrue(Files.size(page) > 0);
  }

  @Test
  void compress_ofSeries_tellsAllScores() throws IOException {
    Path table = Files.writeString(folder.resolve("sales.csv"), numbered());
    Path model = folder.resolve("model.safetensors");
    Cli.printed(
        "train",
        "series",
        table,
        "--target",
        "y",
        "--horizon",
        2,
        "--epochs",
        1,
        "--hidden",
        4,
        "--out",
        model);
    Path out = folder.resolve("small.safetensors");
    JsonNode told = JSON.readTree(Cli.printed("compress", model, table, "--out", out, "--json"));
    for (String part : List.of("before", "after")) {
      for (String score : List.of("sMAPE", "mean wQL")) {
        assertTrue(told.get(part).get(score).asDouble() > 0, told.toString());
      }
    }
    assertEquals(
        Cli.printed("forecast", model, table, "--weights", "bf16"),
        Cli.printed("forecast", out, table));
    assertRefused(
        "--weights: expected bf16, which the model has been rounded to, got fixed16",
        "forecast",
        out,
        table,
        "--weights",
        "fixed16");
    assertRefused(
        "--weights: expected a MODEL to use, got tables alone, to train on",
        "backtest",
        table,
        "--target",
        "y",
        "--weights",
        "bf16");
  }

  private static String numbered() {
    StringBuilder rows = new StringBuilder("step,y\n");
    for (int step = 0; step < 80; step++) {
      rows.append(step).append(',').append(10 + step % 7 + step * 37 % 11).append('\n');
    }
    return rows.toString();
  }

  @Test
  void compress_ofWhatCannotBe_isRefusedInOneLine() throws IOException {
    Path model = Texts.model(folder);
    Path small = folder.resolve("small.safetensors");
    Cli.printed("compress", model, "--out", small);
    byte[] before = Files.readAllBytes(model);
    Path other = folder.resolve("other.safetensors");
    assertRefused(
        "MODEL: expected one with weights of 32 bits, got bf16", "compress", small, "--out", other);
    assertRefused(
        "--out: expected another file than the model, which it could not replace, got " + model,
        "compress",
        model,
        "--out",
        model);
    assertRefused(
        "--weights: expected bf16 or fixed16, got float",
        "compress",
        model,
        "--weights",
        "float",
        "--out",
        other);
    assertRefused(
        "--decimal: expected a model of series, classes or tags, got one of texts",
        "compress",
        model,
        model,
        "--decimal",
        ",",
        "--out",
        other);
    assertRefused(
        "--delimiter: expected files or a query beside it, got none",
        "compress",
        model,
        "--delimiter",
        ";",
        "--out",
        other);
    assertTrue(Files.notExists(other));
    assertEquals(before.length, Files.size(model));
  }

  private static void assertRefused(String reason, Object... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: " + reason), cli.err());
  }
}
