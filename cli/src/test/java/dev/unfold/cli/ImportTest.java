package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.head.Head;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Files of other programs, read and held against what there is, by commands.
final class ImportTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  private Network network() {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Vectors(2), 3, 1, new Head.Classes(2));
    return Network.create(spec, KERNELS, 1);
  }

  private Path exported(String format, String ending) {
    Path own = folder.resolve("own.safetensors");
    if (Files.notExists(own)) {
      ModelFile.save(own, network());
    }
    Path out = folder.resolve("out" + ending);
    Cli.printed("export", own, "--to", format, "--out", out);
    return out;
  }

  private static void put(ZipOutputStream zip, String name, int columns, Matrix numbers)
      throws IOException {
    int rows = numbers.rows();
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 1, %d), }\n"
            .formatted(rows, columns);
    ByteBuffer all =
        ByteBuffer.allocate(10 + header.length() + 4 * rows * columns)
            .order(ByteOrder.LITTLE_ENDIAN);
    all.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) header.length());
    all.put(header.getBytes(StandardCharsets.US_ASCII));
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        all.putFloat((float) numbers.get(r, c));
      }
    }
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(all.array());
    zip.closeEntry();
  }

  /// What a network gives for a few steps.
  private Path computed(Network network) throws IOException {
    Matrix input = Matrix.onHeap(KERNELS.type(), 6, 2);
    for (int i = 0; i < 12; i++) {
      input.set(i / 2, i % 2, Math.sin(i));
    }
    Path file = folder.resolve("computed.npz");
    try (OutputStream output = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(output)) {
      put(zip, "input", 2, input);
      put(zip, "output", 2, new Runner(network).runWhole(new Inputs.Vectors(input), 6));
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx .onnx", "torch .pt", "torch .safetensors", "keras .keras"})
  void check_ofEachFormat_agreesLayerByLayer(String format) throws IOException {
    String[] parts = format.split(" ", -1);
    Path file = exported(parts[0], parts[1]);
    String printed =
        Cli.printed("import", file, "--out", folder.resolve("again.safetensors"), "--check");
    assertTrue(printed.contains("l0 "), printed);
    assertTrue(printed.contains("output "), printed);
    assertTrue(printed.contains("importer only"), printed);
    assertTrue(printed.endsWith("the same\n"), printed);
    Path computed = computed(network());
    printed =
        Cli.printed(
            "import", file, "--out", folder.resolve("b.safetensors"), "--reference", computed);
    assertTrue(printed.contains("sequences are [T=6, B=1, ..]"), printed);
  }

  @Test
  void reference_ofOtherGates_namesTheSettingThatMendsIt() throws IOException {
    Path file = exported("torch", ".pt");
    Network meant = network();
    for (String name : List.of("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")) {
      Matrix own = meant.parameters().matrix(name);
      Matrix from = network().parameters().matrix(name);
      // The blocks of H=3 rows of g and o change places.
      for (int i = 0; i < 6 * own.cols(); i++) {
        int row = own.rows() > 1 ? i / own.cols() : 0;
        if (own.rows() > 1) {
          own.set(6 + row, i % own.cols(), from.get(6 + (row + 3) % 6, i % own.cols()));
        } else if (i < 6) {
          own.set(0, 6 + i, from.get(0, 6 + (i + 3) % 6));
        }
      }
    }
    meant.parameters().changed();
    Path computed = computed(meant);
    Path out = folder.resolve("again.safetensors");
    Cli differ = Cli.run("import", file, "--out", out, "--reference", computed);
    assertEquals(1, differ.exitCode(), differ.err()::toString);
    assertTrue(
        differ.out().contains("with gates in the order i, f, o, g it would agree"), differ.out());
    assertTrue(differ.out().contains("--set gates=ifog"), differ.out());
    Files.delete(out);
    JsonNode verdict =
        Cli.json(
                "import",
                file,
                "--out",
                out,
                "--reference",
                computed,
                "--set",
                "gates=ifog",
                "--json")
            .getLast();
    assertTrue(verdict.get("same").asBoolean());
    assertEquals(1, Cli.run("compare", file, file, "--set", "b.gates=ifog").exitCode());
    Cli.printed("compare", file, file, "--set", "gates=ifog");
    Cli.printed("compare", out, file, "--set", "gates=ifog");
  }

  @Test
  void reference_ofAnOnnxFileReadOtherwise_isTheOneThatTheSettingMeans() throws IOException {
    Path file = exported("onnx", ".onnx");
    Path own = exported("torch", ".pt");
    Path meant = folder.resolve("meant.safetensors");
    Cli.printed("import", own, "--out", meant, "--set", "transposed=recurrent");
    Path computed = computed(ModelFile.loadNetwork(meant, KERNELS));
    Path out = folder.resolve("again.safetensors");

    Cli differ = Cli.run("import", file, "--out", out, "--reference", computed);
    assertEquals(1, differ.exitCode(), differ.err()::toString);
    assertTrue(differ.out().contains("--set transposed=recurrent"), differ.out());
    Files.delete(out);
    Cli.printed(
        "import", file, "--out", out, "--reference", computed, "--set", "transposed=recurrent");
    Files.delete(out);
    String alone =
        Cli.printed("import", file, "--out", out, "--check", "--set", "transposed=recurrent");
    assertTrue(alone.contains("as is said"), alone);
  }

  @Test
  void tensors_withAGap_areRefused() throws IOException {
    Path file = exported("onnx", ".onnx");
    Path tensors = Files.createDirectory(folder.resolve("tensors"));
    Files.write(tensors.resolve("input_1.pb"), new byte[0]);
    Path out = folder.resolve("again.safetensors");
    assertRefused("found no input_0.pb", "import", file, "--out", out, "--reference", tensors);
  }

  @Test
  void compare_ofOutputsThatMeanOtherThings_saysSo() throws IOException {
    Path file = exported("torch", ".pt");
    Cli differ =
        Cli.run("compare", file, file, "--set", "a.outputs=classes", "--set", "b.outputs=sets");
    assertEquals(1, differ.exitCode());
    assertTrue(differ.out().contains("outputs of A are classes, of B sets"), differ.out());
    assertTrue(differ.out().endsWith("DIFFERENT\n"), differ.out());
  }

  @Test
  void vocabulary_ofAModelOfTokens_makesItOneOfText() throws IOException {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(4, 3), 3, 1, new Head.Classes(4));
    Path own = folder.resolve("tokens.safetensors");
    ModelFile.save(own, Network.create(spec, KERNELS, 2));
    Path file = folder.resolve("tokens.pt");
    Cli.printed("export", own, "--to", "torch", "--out", file);
    Path letters =
        Files.writeString(folder.resolve("v.json"), "{\"b\": 1, \"a\": 0, \" \": 2, \"\\n\": 3}");
    Path text = Files.writeString(folder.resolve("text.txt"), "ab ba\nabba b\n".repeat(20));
    Path out = folder.resolve("text.safetensors");
    String printed = Cli.printed("import", file, "--vocabulary", letters, "--out", out, "--check");
    assertTrue(printed.contains("tokens: 4 of unit char, and 1 more"), printed);
    assertTrue(printed.contains("\ntokens   largest difference"), printed);
    assertTrue(printed.endsWith("the same\n"), printed);
    String sample = Cli.printed("sample", out, "--length", 40);
    assertTrue(sample.matches("(?s)[ab \n]+"), sample);
    assertTrue(Cli.printed("eval", out, text).contains("per character"));
    Path more = folder.resolve("more.safetensors");
    Cli.printed("train", "text", text, "--from", out, "--epochs", 1, "--steps", 8, "--out", more);
    assertTrue(Files.exists(more));
    Path words = Files.writeString(folder.resolve("v.txt"), "<eos>\nto\nbe\n<unk>\n");
    Path named = folder.resolve("words.safetensors");
    printed = Cli.printed("import", file, "--vocabulary", words, "--out", named);
    assertTrue(printed.contains("tokens: 4 of unit word\n"), printed);
    Path next = folder.resolve("next.safetensors");
    Path few = Files.writeString(folder.resolve("few.txt"), "a\nb\n");
    assertRefused("V=4 tokens, got 2", "import", file, "--vocabulary", few, "--out", next);
    Path twice = Files.writeString(folder.resolve("twice.json"), "{\"a\": 0, \"b\": 0}");
    assertRefused("each for one token", "import", file, "--vocabulary", twice, "--out", next);
    assertRefused("--vocabulary beside", "import", file, "--unit", "char", "--out", next);
    assertRefused(
        "--unit: expected a network of V=256 tokens for bytes, got V=4",
        "import",
        file,
        "--unit",
        "byte",
        "--out",
        next);
    assertRefused(
        "--unit: expected char or word beside --vocabulary, got byte",
        "import",
        file,
        "--unit",
        "byte",
        "--vocabulary",
        letters,
        "--out",
        next);
    assertRefused(
        "predicts as many classes",
        "import",
        exported("torch", ".pt"),
        "--vocabulary",
        letters,
        "--out",
        next);
  }

  @Test
  void format_ofNoName_isRefusedByItsOption() {
    assertRefused(
        "--to: expected one of keras, onnx, torch, got foo",
        "export",
        folder.resolve("own.safetensors"),
        "--to",
        "foo",
        "--out",
        folder.resolve("n.foo"));
    String said =
        assertThrows(IllegalArgumentException.class, () -> ModelFormats.named("foo")).getMessage();
    assertEquals("format: expected one of keras, onnx, torch, got foo", said);
  }

  @Test
  void setting_ofNoUse_isRefusedInEveryFormat() {
    for (String format : List.of("onnx .onnx", "torch .pt", "keras .keras")) {
      String[] parts = format.split(" ", -1);
      Path file = exported(parts[0], parts[1]);
      for (String setting : List.of("gru=reset-after", "nonlinearity=tanh", "directions=swapped")) {
        assertRefused(
            "got " + setting.replaceAll("=.*", ""),
            "import",
            file,
            "--out",
            folder.resolve("n.safetensors"),
            "--set",
            setting);
      }
    }
    Path own = folder.resolve("own.safetensors");
    assertRefused("two models of Unfold", "compare", own, own, "--set", "gates=ifog");
    assertRefused(
        "--set: expected nothing for %s, which is Unfold's own, got a.gates".formatted(own),
        "compare",
        own,
        own,
        "--set",
        "a.gates=ifog");
  }

  @Test
  void file_ofAnotherKindThanItsName_isSaidToBeOne() throws IOException {
    Path onnx = exported("onnx", ".onnx");
    Path keras = exported("keras", ".keras");
    Path torch = exported("torch", ".pt");
    assertKind("a Keras model: give it a name that ends with .keras", keras, ".pt");
    assertKind("an ONNX model: give it a name that ends with .onnx", onnx, ".keras");
    assertKind("a zip file of torch.save", torch, ".h5");
    assertKind("tensors in safetensors", exported("torch", ".safetensors"), ".onnx");
    assertKind("text", Files.writeString(folder.resolve("t.txt"), "hello"), ".onnx");
    assertKind("an empty file", Files.writeString(folder.resolve("e.txt"), ""), ".pt");
    assertKind("arrays of NumPy", computed(network()), ".keras");
    assertKind("an HDF5 file", exported("keras", ".weights.h5"), ".safetensors");
  }

  private void assertKind(String kind, Path file, String ending) throws IOException {
    Path named = folder.resolve("named" + ending);
    Files.deleteIfExists(named);
    Files.copy(file, named);
    assertRefused("got " + kind, "import", named, "--out", folder.resolve("n.safetensors"));
  }

  private static void assertRefused(String word, Object... arguments) {
    Cli refused = Cli.run(arguments);
    assertEquals(2, refused.exitCode(), refused.out() + refused.err());
    assertTrue(String.join("\n", refused.err()).contains(word), refused.err()::toString);
    assertEquals(1, refused.err().size(), refused.err()::toString);
  }
}
