package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.TensorInfo;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Safetensors files in order that are no models in order: each is refused in one line, before anything
/// as large as it claims is made.
final class ModelRefusalTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;
  private final Map<String, String> metadata = new HashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  @BeforeEach
  void takeAModelApart() {
    takeApart(Cells.named("elman"));
  }

  private void takeApart(Cell cell) {
    metadata.clear();
    tensors.clear();
    Network network = Network.create(NetworkSpec.tokens(cell, 2, 3, 4), KERNELS, 1);
    ModelFile.save(file(), LanguageModel.of(network, "CHAR", List.of("a", "\uFFFD")));
    try (SafetensorsReader reader = SafetensorsReader.open(file())) {
      metadata.putAll(reader.metadata());
      for (TensorInfo info : reader.tensors().values()) {
        HostBuffer numbers = HostBuffer.allocate(ElementType.FLOAT32, info.count());
        reader.read(info.name(), numbers, 0);
        tensors.add(new Tensor(info.name(), info.shape(), numbers, 0));
      }
    }
  }

  @Test
  void load_ofThePartsUnchanged_works() {
    write();

    assertEquals(List.of("a", "\uFFFD"), ModelFile.loadLanguage(file(), KERNELS).vocabulary());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2000000000 | tensor \"head.weight\": expected [2, 2000000000], got [2, 2]",
        "3          | tensor \"head.weight\": expected [2, 3], got [2, 2]",
        "0          | metadata \"size.P\": expected a number from 1 to 2147483647, got \"0\"",
        "-          | metadata \"size.P\": expected a whole number, got \"-\"",
        "           | metadata: expected \"size.P\", found none",
      })
  void load_ofAWrongSizeOfTheCellsOwn_namesIt(String size, String reason) {
    takeApart(Cells.named("lstm_projected"));
    metadata.remove("size.P");
    if (size != null) {
      metadata.put("size.P", size);
    }
    write();

    assertRefused(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | elman   | metadata \"heads\": expected a number of heads of elman that divides H=4",
        "3 | elman   | metadata \"heads\": expected a number of heads of elman that divides H=4",
        "x | elman   | metadata \"heads\": expected a number of heads of elman that divides H=4",
        "2 | indrnn  | metadata \"heads\": expected a number of heads of indrnn that divides H=4",
        "2 | elman   | tensor \"weight_hh_l0\": expected [4, 2], got [4, 4]",
      })
  void load_ofAWrongNumberOfHeads_namesIt(String heads, String cell, String reason) {
    takeApart(Cells.named(cell));
    metadata.put("heads", heads);
    write();

    assertRefused(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "format         | tf         | metadata \"format\": expected \"unfold\", got \"tf\"",
        "format         | pt         | got a state dict of PyTorch, which import takes",
        "format         | unfold-graph | got a graph for inference, which compare takes",
        "format_version | 2          | metadata \"format_version\": expected \"1\", got \"2\"",
        "encoder        | one_hot    | metadata \"encoder\": expected embedding or vectors, got"
            + " \"one_hot\"",
        "encoder        | vectors    | metadata: expected \"predicts\", found none",
        "cell           | rnn        | metadata \"cell\": expected the name of a cell",
        "bias           | two        | metadata \"bias\": expected none, per_affine or per_operand",
        "hidden         | 2000000000 | tensor \"head.weight\": expected [2, 2000000000], got [2,"
            + " 4]",
        "hidden         | 0          | metadata \"hidden\": expected a number from 1 to 2147483647",
        "hidden         | 1e3        | metadata \"hidden\": expected a whole number, got \"1e3\"",
        "hidden         | 5          | tensor \"head.weight\": expected [2, 5], got [2, 4]",
        "embedding      | 2000000000 | tensor \"embedding.weight\": expected [2, 2000000000]",
        "classes        | 2000000000 | tensor \"embedding.weight\": expected [2000000000, 3]",
        "layers         | 2000000000 | expected tensors of L=2000000000 layers, got 7 tensors",
        "layers         | 2          | tensor \"weight_ih_l1\": expected [4, 4], found none",
        "layers         | -1         | metadata \"layers\": expected a number from 1",
        "bias           | none       | expected 4 tensors, got another one, \"bias_ih_l0\"",
        "cell           | lstm       | tensor \"weight_ih_l0\": expected [16, 3], got [4, 3]",
        "vocabulary     | [\"a\"]    | metadata \"vocabulary\": expected a JSON array of K=2"
            + " strings",
        "vocabulary     | [\"a\",1]  | metadata \"vocabulary\": expected a JSON array of K=2"
            + " strings",
        "vocabulary     | {}         | metadata \"vocabulary\": expected a JSON array of K=2"
            + " strings",
        "vocabulary     | [          | metadata \"vocabulary\": expected a JSON array of K=2"
            + " strings",
      })
  void load_ofMetadataThatDoNotFit_namesThem(String key, String text, String reason) {
    metadata.put(key, text);
    write();

    assertRefused(reason);
  }

  @Test
  void load_ofTooLongAVocabulary_readsNoMoreThanItNeeds() {
    metadata.put("vocabulary", "[" + "\"\",".repeat(1_000_000) + "\"\"]");
    write();

    assertRefused("metadata \"vocabulary\": expected a JSON array of K=2 strings, got");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "format",
        "format_version",
        "encoder",
        "cell",
        "bias",
        "embedding",
        "hidden",
        "layers",
        "classes",
        "unit",
        "vocabulary"
      })
  void load_withoutAKey_namesIt(String key) {
    metadata.remove(key);
    write();

    assertRefused("metadata: expected \"" + key + "\", found none");
  }

  @Test
  void load_withoutATensor_namesIt() {
    for (Tensor tensor : List.copyOf(tensors)) {
      tensors.remove(tensor);
      write();
      assertRefused("tensor \"" + tensor.name() + "\": expected " + tensor.shape());
      tensors.add(tensor);
    }
  }

  @Test
  void load_withATensorTooMany_namesIt() {
    tensors.add(new Tensor("more", List.of(1L), tensors.getFirst().values(), 0));
    write();

    assertRefused("got another one, \"more\"");
  }

  @Test
  void load_ofProvenanceThatIsNone_namesTheKey() {
    metadata.put("training.version", "1");
    write();
    assertRefused("metadata: expected \"training.seed\", found none");

    metadata.put("training.seed", "x");
    write();
    assertRefused("metadata \"training.seed\": expected a whole number, got \"x\"");
  }

  private void assertRefused(String reason) {
    FormatException e = assertThrows(FormatException.class, () -> ModelFile.load(file(), KERNELS));
    assertTrue(e.getMessage().startsWith(file() + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().length() < 400, e.getMessage());
    assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
  }

  private void write() {
    SafetensorsWriter.write(file(), metadata, tensors);
  }

  private Path file() {
    return folder.resolve("model.safetensors");
  }
}
