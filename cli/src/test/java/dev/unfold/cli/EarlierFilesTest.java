package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Files that an earlier version wrote, and what it said of them: models of a text and of sets that tell nothing, and
/// the folder of a run in the middle.
final class EarlierFilesTest {
  private static Path earlier(String name) {
    try {
      return Path.of(EarlierFilesTest.class.getResource("earlier/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// The tolerance is for the sigmoid cross-entropy of sets, whose formula has become another.
  /// All texts but the version's and all numbers are the same.
  private static void assertSameButForTheVersion(Path expected, Path got) {
    assertEquals(texts(expected), texts(got));
    Kernels kernels = Backends.named("scalar", Precision.FLOAT);
    Parameters own = ModelFile.loadNetwork(expected, kernels).parameters();
    Parameters others = ModelFile.loadNetwork(got, kernels).parameters();
    own.expectAlike("parameters", others);
    for (Parameters.Tensor tensor : own.tensors()) {
      Matrix a = own.matrix(tensor.name());
      Matrix b = others.matrix(tensor.name());
      for (int row = 0; row < a.rows(); row++) {
        for (int col = 0; col < a.cols(); col++) {
          assertEquals(a.get(row, col), b.get(row, col), tensor.name());
        }
      }
    }
  }

  private static Map<String, String> texts(Path model) {
    try (SafetensorsReader reader = SafetensorsReader.open(model)) {
      Map<String, String> texts = new TreeMap<>(reader.metadata());
      texts.remove("training.version");
      return texts;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lstm, text.txt, 2.9334148017796475",
    "gru, text.txt, 2.651989052355335",
    "words, text.txt, 4.31522844433572",
    "tied, text.txt, 4.673188733090141",
    "sets, sets.txt, 6.235907158609164"
  })
  void model_ofAnEarlierVersion_isAsGoodAsItWas(String model, String data, double nats) {
    String unit = model.equals("sets") ? "nats_per_step" : "nats_per_token";
    double now =
        Cli.json(
                "eval",
                earlier(model + ".safetensors"),
                earlier(data),
                "--backend",
                "scalar",
                "--json")
            .getFirst()
            .path(unit)
            .asDouble();
    assertEquals(nats, now, 1e-12 * nats);
  }

  @Test
  void run_ofAnEarlierVersion_goesOnToTheModelThatItWroteThen(@TempDir Path folder)
      throws Exception {
    copy(earlier("text.txt"), folder.resolve("text.txt"));
    Files.createDirectory(folder.resolve("run"));
    try (Stream<Path> files = Files.list(earlier("run"))) {
      for (Path file : files.toList()) {
        copy(file, folder.resolve("run").resolve(file.getFileName().toString()));
      }
    }
    String line =
        "train text text.txt --threads 1 --hidden 6 --embedding 5 --epochs 2 --steps 16 --batch 4"
            + " --cell lstm --backend scalar --out model.safetensors --run run --resume --json";
    try (Spawned spawned = Spawned.start(folder, List.of(), (Object[]) line.split(" "))) {
      spawned.rest();
      assertEquals(0, spawned.exitCode());
    }
    assertSameButForTheVersion(earlier("lstm.safetensors"), folder.resolve("model.safetensors"));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.write(to, Files.readAllBytes(from));
  }
}
