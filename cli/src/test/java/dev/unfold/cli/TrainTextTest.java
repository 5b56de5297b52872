package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.Provenance;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.run.output.Version;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Trains on a small text, and uses the model.
final class TrainTextTest {
  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Texts.write(folder.resolve("text.txt"), 400);
  }

  private Object[] train(Object... more) {
    List<Object> line = new ArrayList<>(List.of("train", "text", text));
    line.addAll(List.of("--hidden", 8, "--embedding", 4, "--steps", 8, "--batch", 4));
    line.addAll(List.of(more));
    return line.toArray();
  }

  private Path model(String name) {
    return folder.resolve(name + ".safetensors");
  }

  @Test
  void steps_thatFollowTheReach_areToldAndKept() {
    Path model = model("a");
    Path run = folder.resolve("run");
    Object[] line = train("--epochs", 2, "--json", "--out", model, "--run", run);
    line[Arrays.asList(line).indexOf("--steps") + 1] = "auto:0.5,most=16";
    List<JsonNode> lines = Cli.json(line);
    JsonNode options = lines.getFirst().get("options");
    assertEquals("auto:0.5,most=16", options.get("steps").get(0).asString());
    JsonNode adapted =
        lines.stream()
            .filter(event -> event.get("event").asString().equals("adapted"))
            .findFirst()
            .orElseThrow();
    assertEquals(0, adapted.get("update").asInt());
    assertEquals(16, adapted.get("before").asInt());
    int steps = adapted.get("steps").asInt();
    assertTrue(steps >= 1 && steps < 16, adapted::toString);
    assertTrue(
        lines.getLast().get("updates").asInt()
            > 2 * lines.getFirst().get("updates_per_epoch").asInt());
    TrainingOptions kept =
        ModelFile.load(model, Backends.named("scalar", Precision.FLOAT))
            .provenance()
            .orElseThrow()
            .options();
    assertEquals(new Windows(16, 0.5), kept.windows());
  }

  @Test
  void json_ofARun_tellsItsStory() {
    Path model = model("a");
    List<JsonNode> lines = Cli.json(train("--epochs", 2, "--json", "--out", model));
    List<String> events = lines.stream().map(line -> line.get("event").asString()).toList();

    assertEquals("started", events.getFirst());
    assertEquals(2, events.stream().filter("validated"::equals).count());
    assertTrue(events.contains("progress"), events::toString);
    JsonNode started = lines.getFirst();
    assertTrue(started.get("training_tokens").asLong() > 0);
    JsonNode options = started.get("options");
    assertEquals("elman", options.get("cell").get(0).asString());
    assertEquals("8", options.get("hidden").get(0).asString());
    assertEquals(4, started.get("batch").asInt());
    JsonNode finished = lines.getLast();
    assertEquals("finished", finished.get("event").asString());
    double nats = finished.get("validation_nats_per_token").asDouble();
    assertEquals(Math.exp(nats), finished.get("perplexity").asDouble(), 1e-12 * Math.exp(nats));
    assertTrue(finished.get("tokens_per_second").asDouble() > 0);
    assertTrue(finished.get("seconds").asDouble() > 0);
    assertEquals(model.toString(), finished.get("model").asString());
    assertEquals(2, finished.get("epochs").asInt());
    assertEquals(false, finished.get("stopped").asBoolean());
  }

  @Test
  void training_inLessMemory_endsInTheSameNumbers() {
    JsonNode whole = longWindows("a").getFirst();
    JsonNode started = longWindows("b", "--memory", "60%").getFirst();

    double bytes = whole.get("propagation_bytes").asDouble();
    assertTrue(started.get("propagation_bytes").asDouble() <= 0.6 * bytes, started::toString);
    assertTrue(started.get("memory_bytes").asLong() > started.get("propagation_bytes").asLong());
    assertTrue(started.get("relative_time").asDouble() > 1, started::toString);
    assertArrayEquals(numbers(model("a")), numbers(model("b")));
    // Far fewer steps to follow the error back give other numbers.
    JsonNode cut = longWindows("b", "--window", "2").getFirst().get("options");
    assertEquals("2", cut.get("window").get(0).asString());
    assertFalse(Arrays.equals(numbers(model("a")), numbers(model("b"))));
  }

  @Test
  void training_withMasksAndWiring_isSavedWithThem() {
    String dropout = "input=0.1,between=0.2,variational,state=0.1,weights=0.1,zoneout.c=0.1";
    Object[] line =
        train(
            "--cell",
            "lstm",
            "--layers",
            2,
            "--wiring",
            "residual",
            "--dropout",
            dropout,
            "--epochs",
            1,
            "--json",
            "--out",
            model("a"));
    JsonNode started = Cli.json(line).getFirst();
    assertEquals(dropout, started.get("options").get("dropout").get(0).asString());
    NetworkSpec spec = ModelFile.load(model("a"), Backends.best(Precision.FLOAT)).network().spec();
    assertEquals(Noise.parse(dropout), spec.noise());
    assertEquals(Set.of(Wiring.RESIDUAL), spec.wiring());
    double[] first = numbers(model("a"));
    Cli.json(line);
    assertArrayEquals(first, numbers(model("a")));
  }

  private List<JsonNode> longWindows(String name, Object... more) {
    List<Object> line = new ArrayList<>(List.of("train", "text", text, "--hidden", 8));
    line.addAll(List.of("--embedding", 4, "--steps", 300, "--batch", 1, "--epochs", 1));
    line.addAll(List.of("--json", "--out", model(name)));
    line.addAll(List.of(more));
    return Cli.json(line.toArray());
  }

  private static double[] numbers(Path model) {
    return ModelFile.load(model, Backends.best(Precision.FLOAT))
        .network()
        .parameters()
        .buffer()
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru"})
  void training_withMoreEpochs_getsBetter(String cell) {
    List<JsonNode> lines =
        Cli.json(train("--cell", cell, "--epochs", 4, "--json", "--out", model(cell)));
    List<Double> losses =
        lines.stream()
            .filter(line -> line.get("event").asString().equals("validated"))
            .map(line -> line.get("validation_nats_per_token").asDouble())
            .toList();

    assertTrue(losses.getLast() < losses.getFirst() - 0.1, losses::toString);
  }

  @ParameterizedTest
  @CsvSource({"char, elman", "word, gru", "byte, lstm"})
  void eval_ofTheValidationText_givesTheTrainingsNumber(String unit, String cell)
      throws IOException {
    Path valid = Texts.write(folder.resolve("valid.txt"), 120);
    JsonNode finished =
        Cli.json(
                train(
                    "--unit",
                    unit,
                    "--cell",
                    cell,
                    "--layers",
                    2,
                    "--valid",
                    valid,
                    "--epochs",
                    1,
                    "--json",
                    "--out",
                    model(unit)))
            .getLast();

    JsonNode evaluated = Cli.json("eval", model(unit), valid, "--json").getFirst();

    assertEquals(
        finished.get("validation_nats_per_token").asDouble(),
        evaluated.get("nats_per_token").asDouble());
    assertEquals(
        evaluated.get("nats_per_token").asDouble() / Math.log(2),
        evaluated.get("bits_per_token").asDouble(),
        1e-12);
    assertTrue(evaluated.get("tokens").asInt() > 100);
    assertEquals(0, evaluated.get("unknown_tokens").asInt());
    String printed = Cli.printed("eval", model(unit), valid);
    assertTrue(printed.contains("nats per " + (unit.equals("char") ? "character" : unit)), printed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void model_ofTheSameSeed_hasTheSameBytesForAnyThreads(String backend) throws IOException {
    if (backend.equals("vector")) {
      Backends.named(backend, Precision.FLOAT);
    }
    Object[] common = {"--cell", "lstm", "--epochs", 2, "--backend", backend};
    for (int threads : new int[] {1, 2, 3}) {
      List<Object> options = new ArrayList<>(List.of(common));
      options.addAll(List.of("--threads", threads, "--out", model("m" + threads)));
      Cli.printed(train(options.toArray()));
    }
    byte[] one = Files.readAllBytes(model("m1"));

    assertArrayEquals(one, Files.readAllBytes(model("m2")));
    assertArrayEquals(one, Files.readAllBytes(model("m3")));
  }

  static List<String> cells() {
    return Cells.names();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void model_ofEachCell_trainsAndPredicts(String cell) throws IOException {
    JsonNode finished =
        Cli.json(train("--cell", cell, "--epochs", 1, "--layers", 2, "--json", "--out", model("m")))
            .getLast();
    JsonNode evaluated = Cli.json("eval", model("m"), text, "--json").getFirst();

    assertEquals("finished", finished.get("event").asString());
    assertTrue(evaluated.get("nats_per_token").asDouble() < 6, evaluated.toString());
    assertTrue(Cli.printed("sample", model("m"), "--length", 5).length() >= 5);
  }

  @Test
  void model_ofAProjection_hasItsSize() throws IOException {
    Cli.printed(
        train("--cell", "lstm_projected", "--size", "P=3", "--epochs", 1, "--out", model("p")));

    assertEquals(
        3,
        ModelFile.load(model("p"), Backends.named("scalar", Precision.FLOAT))
            .network()
            .spec()
            .outputSize());
  }

  @Test
  void model_ofHeads_hasTheirMatricesAndIsGoneOnWith() throws IOException {
    Cli.printed(train("--cell", "lstm", "--heads", 4, "--epochs", 1, "--out", model("h")));

    Network network =
        ModelFile.load(model("h"), Backends.named("scalar", Precision.FLOAT)).network();
    assertEquals(4, network.spec().cell().heads());
    assertEquals(2, network.parameters().matrix("weight_hh_l0").cols());
    Cli more = Cli.run("eval", model("h"), text);
    assertEquals(0, more.exitCode(), more::toString);
    assertEquals(
        List.of("unfold: --heads: expected 4, as the model of --from has, got 2"),
        Cli.run("train", "text", text, "--from", model("h"), "--heads", 2).err());
  }

  @Test
  void heads_thatDoNotFit_areRefusedInALine() {
    Cli cli = Cli.run("train", "text", text, "--cell", "gru", "--hidden", 7, "--heads", 2);
    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of(
            "unfold: --hidden: cell gru: expected H that is a multiple of its N=2 heads, got H=7"),
        cli.err());
    cli = Cli.run("train", "text", text, "--cell", "mingru", "--heads", 2);
    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of(
            "unfold: --heads: cell mingru: expected a matrix that multiplies a state, for N of more"
                + " than 1, got none"),
        cli.err());
  }

  @Test
  void model_ofAnotherSeed_isAnother() throws IOException {
    Cli.printed(train("--epochs", 1, "--seed", 1, "--out", model("one")));
    Cli.printed(train("--epochs", 1, "--seed", 2, "--out", model("two")));

    assertNotEquals(-1, Files.mismatch(model("one"), model("two")));
  }

  @Test
  void model_saysHowItWasTrained() throws IOException {
    Cli.printed(
        train(
            "--epochs",
            3,
            "--lr",
            0.01,
            "--clip",
            2,
            "--seed",
            5,
            "--cell",
            "lstm",
            "--init",
            "recurrent=orthogonal,forget=1",
            "--out",
            model("a")));
    Provenance provenance =
        ModelFile.load(model("a"), Backends.named("scalar", Precision.FLOAT))
            .provenance()
            .orElseThrow();

    assertEquals(Version.number(), provenance.version());
    assertEquals(5, provenance.beginning().seed());
    assertEquals("recurrent=orthogonal,forget=1.0", provenance.beginning().initialization().text());
    assertEquals(new Budget.Epochs(3), provenance.options().budget());
    assertEquals(0.01, provenance.options().rule().learningRate());
    assertEquals("2.0", provenance.options().rule().clip().text());
    assertEquals(8, provenance.options().steps());
    assertEquals(Files.size(text), provenance.training().getFirst().bytes());
    assertEquals(64, provenance.training().getFirst().sha256().length());
    assertEquals(List.of(), provenance.validation());
  }

  @Test
  void lines_withoutATerminal_arePlain() {
    String printed = Cli.printed(train("--epochs", 1, "--out", model("a")));

    assertTrue(printed.contains("nats per character"), printed);
    assertTrue(printed.contains("model     " + model("a")), printed);
    assertTrue(printed.contains("sample"), printed);
    assertEquals(-1, printed.indexOf('\r'), printed);
    assertEquals(-1, printed.indexOf('\033'), printed);
  }

  @Test
  void sample_ofTheSameSeed_isTheSame() throws IOException {
    Path model = Texts.model(folder);
    Object[] line = {"sample", model, "--prompt", "the error", "--length", 50, "--seed", 3};
    String first = Cli.printed(line);

    assertEquals(first, Cli.printed(line));
    assertTrue(first.startsWith("the error"), first);
    assertEquals("the error".length() + 50 + 1, first.length(), first);
    line[line.length - 1] = 4;
    assertNotEquals(first, Cli.printed(line));
  }

  @Test
  void sample_atTemperatureZero_needsNoSeed() throws IOException {
    Path model = Texts.model(folder);

    assertEquals(
        Cli.printed("sample", model, "--temperature", 0, "--seed", 1),
        Cli.printed("sample", model, "--top-k", 1, "--seed", 2));
  }

  @Test
  void sample_ofAPromptWithUnknownCharacters_saysWhich() throws IOException {
    Cli cli = Cli.run("sample", Texts.model(folder), "--prompt", "the é", "--length", 3);

    assertEquals(0, cli.exitCode(), cli::toString);
    assertEquals(
        List.of("unfold: --prompt: 1 unknown token, the first is U+00E9 \"é\" at token 4"),
        cli.err());
  }

  @Test
  void sample_ofWords_putsThemApart() {
    Cli.printed(train("--unit", "word", "--epochs", 2, "--out", model("words")));
    String words = Cli.printed("sample", model("words"), "--prompt", "the error", "--length", 20);

    assertTrue(words.startsWith("the error"), words);
    assertTrue(words.strip().split("\\s+").length >= 15, words);
  }

  @Test
  void minutes_asBudget_endTheRun() {
    JsonNode finished = Cli.json(train("--minutes", 0.01, "--json", "--out", model("a"))).getLast();

    assertTrue(finished.get("seconds").asDouble() >= 0.6);
    assertTrue(finished.get("updates").asInt() > 0);
  }

  @Test
  void sample_ofWords_hasUnkOnlyWhereTheTextHasIt() throws IOException {
    Path with = folder.resolve("with.txt");
    Files.writeString(with, Files.readString(text).replace("\n", " <unk>\n"));

    assertFalse(wordsOf(text).contains("<unk>"));
    assertTrue(wordsOf(with).contains("<unk>"));
  }

  private String wordsOf(Path learned) {
    Path model = folder.resolve("words.safetensors");
    String trained =
        Cli.printed(
            "train",
            "text",
            learned,
            "--unit",
            "word",
            "--hidden",
            4,
            "--steps",
            4,
            "--batch",
            2,
            "--epochs",
            1,
            "--out",
            model);
    String sample = trained.substring(trained.indexOf("sample"));
    return sample + Cli.printed("sample", model, "--length", 1000, "--temperature", 3);
  }
}
