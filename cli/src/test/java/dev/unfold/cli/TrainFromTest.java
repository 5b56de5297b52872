package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.Provenance;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training that goes on from a model.
final class TrainFromTest {
  @TempDir private Path folder;
  private Path other;

  @BeforeEach
  void writeModel() throws IOException {
    Path text = Texts.write(folder.resolve("text.txt"), 400);
    other =
        Files.writeString(folder.resolve("other.txt"), "time flows as the error Z\n".repeat(40));
    List<Object> line = new ArrayList<>(List.of("train", "text", text, "--cell", "lstm"));
    line.addAll(List.of("--hidden", 8, "--embedding", 4, "--steps", 8, "--batch", 4));
    line.addAll(List.of("--epochs", 1, "--threads", 1, "--dropout", 0.1, "--out", file("base")));
    Cli.printed(line.toArray());
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Object[] more(String model, Object... more) {
    List<Object> line =
        new ArrayList<>(List.of("train", "text", other, "--from", file("base"), "--steps", 8));
    line.addAll(List.of("--batch", 4, "--epochs", 1, "--threads", 1, "--out", file(model)));
    for (int i = 0; i < more.length; i++) {
      int before = more[i].toString().startsWith("--") ? line.indexOf(more[i]) : -1;
      if (before >= 0) {
        line.set(before + 1, more[++i]);
      } else {
        line.add(more[i]);
      }
    }
    return line.toArray();
  }

  private static Model load(Path file) {
    return ModelFile.load(file, Backends.named("scalar", Precision.FLOAT));
  }

  private static Map<String, List<Double>> numbers(Path file) {
    Map<String, List<Double>> all = new HashMap<>();
    Parameters parameters = load(file).network().parameters();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      List<Double> numbers = new ArrayList<>();
      for (long i = 0; i < tensor.length(); i++) {
        numbers.add(parameters.all().get(0, Math.toIntExact(tensor.offset() + i)));
      }
      all.put(tensor.name(), numbers);
    }
    return all;
  }

  @Test
  void network_andTokens_areThoseOfTheModel() throws IOException {
    Cli.printed(more("more"));
    LanguageModel base = (LanguageModel) load(file("base"));
    LanguageModel model = (LanguageModel) load(file("more"));

    assertEquals(base.network().spec().toString(), model.network().spec().toString());
    assertEquals(base.vocabulary(), model.vocabulary());
    assertNotEquals(numbers(file("base")), numbers(file("more")));
    Provenance.DataFile from = model.provenance().orElseThrow().beginning().from().orElseThrow();
    assertEquals(file("base").toString(), from.name());
    assertEquals(Files.size(file("base")), from.bytes());
    // What it knew is not lost: it does better on the old text than a new one would.
    Cli.printed(more("none", "--lr", 1e-9));
    assertEquals(
        eval("base", folder.resolve("text.txt")), eval("none", folder.resolve("text.txt")), 1e-4);
  }

  private double eval(String model, Path text) {
    return Cli.json("eval", file(model), text, "--json")
        .getFirst()
        .get("nats_per_token")
        .asDouble();
  }

  /// By a rate of 0, with everything that may change parameters.
  @Test
  void parameters_ofARateOfZero_keepTheirBits() throws IOException {
    for (String optimizer : List.of("adam", "sgd,momentum=0.9", "rmsprop")) {
      Cli.printed(
          more(
              "frozen",
              "--group",
              "embedding.*|weight_.*|bias_.*,rate=0",
              "--decay",
              0.1,
              "--optimizer",
              optimizer,
              "--average",
              "always"));
      Map<String, List<Double>> before = numbers(file("base"));
      Map<String, List<Double>> after = numbers(file("frozen"));
      before.forEach((name, numbers) -> {
        if (name.startsWith("head")) {
          assertNotEquals(numbers, after.get(name), name);
        } else {
          assertEquals(numbers, after.get(name), optimizer + ": " + name);
        }
      });
    }
  }

  @Test
  void run_thatGoesOn_endsInTheSameBits() throws IOException {
    Cli.printed(more("whole", "--epochs", 3));
    Cli.printed(more("whole2", "--epochs", 3, "--run", file("run")));
    assertArrayEquals(Files.readAllBytes(file("whole")), Files.readAllBytes(file("whole2")));
    Cli.printed(more("whole2", "--epochs", 3, "--run", file("run"), "--resume"));
    assertArrayEquals(Files.readAllBytes(file("whole")), Files.readAllBytes(file("whole2")));
    // The options of a run that went on are those of its model, and are no contradiction.
    Cli.printed(
        "train",
        "text",
        other,
        "--config",
        file("run").resolve("config.txt"),
        "--run",
        file("run"),
        "--resume");
    // Another model is another beginning.
    Files.copy(file("whole"), file("base2"));
    Object[] line =
        more("whole2", "--from", file("base2"), "--epochs", 3, "--run", file("run"), "--resume");
    Cli cli = Cli.run(line);
    assertEquals(2, cli.exitCode());
    assertTrue(cli.err().getFirst().contains("training.from"), cli.err()::toString);
  }

  @Test
  void options_thatContradictTheModel_areRefused() throws IOException {
    assertRefused("--hidden: expected 8, as the model of --from has, got 16", "--hidden", 16);
    assertRefused("--cell: expected lstm, as the model of --from has, got gru", "--cell", "gru");
    assertRefused("--layers: expected 1, as the model of --from has, got 2", "--layers", 2);
    assertRefused("--embedding: expected 4, as the model of --from has, got 5", "--embedding", 5);
    assertRefused("--unit: expected char, as the model of --from has, got WORD", "--unit", "word");
    assertRefused(
        "--wiring: expected none, as the model of --from has, got tied", "--wiring", "tied");
    assertRefused("--init: expected nothing beside --from, got forget=1.0", "--init", "forget=1");
    assertRefused(
        "--out: expected another file than that of --from, got " + file("base"),
        "--out",
        file("base"));
    Cli cli = Cli.run("train", "sets", other, "--valid", other, "--from", file("base"));
    assertEquals(
        List.of("unfold: --from: expected a model that was trained on sets, got another"),
        cli.err());
    // What agrees is welcome.
    Cli.printed(more("a", "--hidden", 8, "--cell", "lstm", "--dropout", "none"));
    assertEquals("none", load(file("a")).network().spec().noise().text());
  }

  private void assertRefused(String message, Object... more) {
    Cli cli = Cli.run(more("r", more));
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: " + message), cli.err());
  }

  @Test
  void modelOfSets_isGoneOnFrom() throws IOException {
    Path sets = Files.writeString(file("sets.txt"), "0 1,2 -\n1 2\n".repeat(9));
    Path fewer = Files.writeString(file("fewer.txt"), "0 1 -\n1 0\n".repeat(9));
    Cli.printed(
        "train", "sets", sets, "--valid", sets, "--hidden", 4, "--epochs", 1, "--out", file("s"));
    Cli.printed(
        "train",
        "sets",
        fewer,
        "--valid",
        fewer,
        "--from",
        file("s"),
        "--epochs",
        1,
        "--out",
        file("s2"));
    assertEquals(3, load(file("s2")).network().spec().outputs());
    assertEquals(4, load(file("s2")).network().spec().hidden());
  }
}
