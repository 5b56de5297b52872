package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Quantiles;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Models as files of other programs, by commands.
final class ExportTest {
  @TempDir private Path folder;

  private Path model(String name, double first) {
    Path file = folder.resolve(name);
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, new Head.Classes(2));
    Network network = Network.create(spec, Backends.named("scalar", Precision.FLOAT), 1);
    Matrix weight = network.parameters().matrix("weight_hh_l0");
    weight.set(0, 0, first);
    ModelFile.save(file, network);
    return file;
  }

  @Test
  void export_toOnnx_tellsWhatGoesInAndOut() throws IOException {
    Path out = folder.resolve("model.onnx");
    String printed =
        Cli.printed(
            "export", model("a.safetensors", 0.5), "--to", "onnx", "--out", out, "--triton");
    assertTrue(printed.contains("reads  input float [T, B, 2]"), printed);
    assertTrue(printed.contains("writes state.l0.h.next float [B, 3]"), printed);
    assertTrue(Files.size(out) > 100);
    assertTrue(Files.readString(folder.resolve("config.pbtxt")).contains("zero_data: true"));
  }

  @Test
  void textModel_outAndIn_knowsItsVocabularyAgain() throws IOException {
    Path own = Texts.model(folder);
    Path out = folder.resolve("text.onnx");
    Path again = folder.resolve("again.safetensors");
    String printed = Cli.printed("export", own, "--to", "onnx", "--out", out, "--check");
    assertTrue(printed.contains("no other program ran the file"), printed);
    Cli.printed("import", out, "--out", again);
    assertEquals(
        Cli.printed("sample", own, "--length", 30), Cli.printed("sample", again, "--length", 30));
    assertTrue(Cli.printed("compare", own, again).endsWith("the same\n"));
  }

  static Stream<Head> heads() {
    return Stream.of(
        new Head.Classes(3),
        new FactoredClasses(7),
        new Head.Tags(4),
        new Head.Sets(3),
        new Head.Labels(4, 0),
        new Head.Values(2, new ValueLoss.Gaussian()),
        new Head.Values(2, new Quantiles(List.of(0.1, 0.5, 0.9))),
        new PooledHead(new Head.Classes(3), Pooling.LAST),
        new PooledHead(new Head.Classes(3), Pooling.ATTENTION),
        SeveralHeads.of(
            new SeveralHeads.Part("level", new Head.Values(2, new ValueLoss.SquaredError())),
            new SeveralHeads.Part("kind", new PooledHead(new Head.Classes(3), Pooling.MEAN))));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void check_ofEachHead_findsTheSameOutputs(Head head) {
    Path file = folder.resolve("head.safetensors");
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, head);
    ModelFile.save(file, Network.create(spec, Backends.named("scalar", Precision.FLOAT), 1));
    Path out = folder.resolve("head.onnx");
    Cli result = Cli.run("export", file, "--to", "onnx", "--out", out, "--check");
    assertEquals(0, result.exitCode(), result.out() + result.err());
    assertTrue(result.out().contains("output"), result.out());
  }

  @Test
  void check_ofWhatTensorsDoNotSay_findsTheSame() {
    Path own = folder.resolve("elman.safetensors");
    NetworkSpec spec =
        new NetworkSpec(
            Cells.named("elman_relu"),
            new Encoder.Vectors(2),
            3,
            1,
            new PooledHead(new Head.Classes(2), Pooling.LAST));
    ModelFile.save(own, Network.create(spec, Backends.named("scalar", Precision.FLOAT), 1));
    for (String end : List.of(".safetensors", ".pt", ".keras", ".weights.h5")) {
      String format = List.of(".keras", ".weights.h5").contains(end) ? "keras" : "torch";
      Path out = folder.resolve("out" + end);
      String printed = Cli.printed("export", own, "--to", format, "--out", out, "--check");
      assertTrue(printed.contains("no other program ran the file"), printed);
    }
  }

  @Test
  void compare_ofModelsThatDiffer_namesLayerAndStep() throws IOException {
    Path a = model("a.safetensors", 0.5);
    Path b = model("b.safetensors", 0.75);
    assertTrue(Cli.printed("compare", a, a).endsWith("the same\n"));
    Cli differ = Cli.run("compare", a, b);
    assertEquals(1, differ.exitCode());
    // The state is zero before the first step, and so the changed weight shows in the second.
    assertTrue(differ.out().contains("TOO LARGE from step 1"), differ.out());
    Path data = Files.writeString(folder.resolve("steps.csv"), "x,y\n1,2\n");
    assertTrue(Cli.printed("compare", a, b, "--data", data).endsWith("the same\n"));
  }

  @Test
  void export_ofWhatCannotBe_isRefusedInALine() throws IOException {
    Path own = model("a.safetensors", 0.5);
    Path out = folder.resolve("model.onnx");
    assertRefused("one of", "export", own, "--to", "tflite", "--out", out);
    assertRefused("ends with .onnx", "export", own, "--to", "onnx", "--out", folder.resolve("m"));
    assertRefused("17 to 22", "export", own, "--to", "onnx", "--out", out, "--opset", 9);
    assertRefused("io or none", "export", own, "--to", "onnx", "--out", out, "--states", "x");
    assertRefused(
        "whose states",
        "export",
        own,
        "--to",
        "onnx",
        "--out",
        out,
        "--states",
        "none",
        "--triton");
    assertRefused("Unfold's own", "import", own, "--out", folder.resolve("n.safetensors"));
    assertFalse(Files.exists(out));
    Path words = Files.writeString(folder.resolve("words.csv"), "x,y\n1,one\n");
    assertRefused("text in column y", "compare", own, own, "--data", words);
  }

  @Test
  void json_ofEachCommand_tellsTheOutcome() {
    Path own = model("a.safetensors", 0.5);
    Path out = folder.resolve("a.onnx");
    Path again = folder.resolve("again.safetensors");
    JsonNode wrote = Cli.json("export", own, "--to", "onnx", "--out", out, "--json").getLast();
    assertEquals(out.toString(), wrote.get("wrote").asString());
    JsonNode made = Cli.json("import", out, "--out", again, "--json").getLast();
    assertEquals("network", made.get("kind").asString());
    assertTrue(Cli.json("compare", own, again, "--json").getLast().get("same").asBoolean());
  }

  @Test
  void export_overAFileThatIsThere_isRefusedAndItStays() throws IOException {
    Path own = model("a.safetensors", 0.5);
    byte[] before = Files.readAllBytes(own);
    assertRefused("a new file", "export", own, "--to", "torch", "--out", own);
    Path diary = Files.writeString(folder.resolve("diary.onnx"), "dear diary");
    assertRefused("a new file", "export", own, "--to", "onnx", "--out", diary);
    Files.writeString(folder.resolve("config.pbtxt"), "dear diary");
    Path out = folder.resolve("new.onnx");
    assertRefused("a new file", "export", own, "--to", "onnx", "--out", out, "--triton");
    assertFalse(Files.exists(out));
    assertEquals("dear diary", Files.readString(diary));
    assertEquals("dear diary", Files.readString(folder.resolve("config.pbtxt")));
    assertArrayEquals(before, Files.readAllBytes(own));
  }

  private static void assertRefused(String expected, Object... arguments) {
    Cli result = Cli.run(arguments);
    assertEquals(2, result.exitCode(), result.err().toString());
    assertEquals(1, result.err().size(), result.err().toString());
    assertTrue(result.err().getFirst().contains(expected), result.err().toString());
  }
}
