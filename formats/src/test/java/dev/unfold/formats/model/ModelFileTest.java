package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A model that was saved is the same when it is loaded.
final class ModelFileTest {
  private static final Kernels FLOATS = Backends.named("scalar", Precision.FLOAT);
  private static final Kernels DOUBLES = Backends.named("scalar", Precision.DOUBLE);
  private static final List<String> VOCABULARY = List.of("\n", "\"", "é", "\uFFFD", "𝄞");

  @TempDir private Path folder;

  private static List<String> cells() {
    return Cells.names();
  }

  @Test
  void load_ofASizeOfTheCellsOwn_givesTheSameModel() {
    Cell cell = LstmVariants.projected().withSize("P", 5);
    assertRoundTrip(model(cell, 2, FLOATS), FLOATS);
    assertEquals(5, ModelFile.load(file(), FLOATS).network().spec().outputSize());
  }

  @Test
  void load_ofACellWithHeads_givesTheSameModel() {
    for (String name : List.of("lstm", "gru_reset_before", "lstm_layer_norm")) {
      LanguageModel model = model(Cells.named(name).withHeads(3), 2, FLOATS);
      assertEquals("3", ModelFile.metadata(model).get("heads"));
      assertRoundTrip(model, FLOATS);
      Network loaded = ModelFile.load(file(), FLOATS).network();
      assertEquals(3, loaded.spec().cell().heads());
      assertEquals(1, loaded.parameters().matrix("weight_hh_l1").cols());
    }
    assertFalse(ModelFile.metadata(model(Cells.lstm(), 2, FLOATS)).containsKey("heads"));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void load_ofEachCell_givesTheSameModel(String cell) {
    assertRoundTrip(model(Cells.named(cell), 2, FLOATS), FLOATS);
  }

  @ParameterizedTest
  @EnumSource(Bias.class)
  void load_ofEachBias_givesTheSameModel(Bias bias) {
    assertRoundTrip(model(Cells.lstm().withBias(bias), 1, FLOATS), FLOATS);
  }

  @Test
  void load_ofDoubles_losesNothing() {
    LanguageModel model = model(Cells.gru(), 3, DOUBLES);
    assertRoundTrip(model, DOUBLES);

    try (SafetensorsReader reader = SafetensorsReader.open(file())) {
      assertTrue(reader.tensors().values().stream().allMatch(t -> t.dtype().equals("F64")));
    }
  }

  @Test
  void save_namesTensors_asPyTorchDoes() {
    ModelFile.save(file(), model(Cells.lstm(), 2, FLOATS));

    try (SafetensorsReader reader = SafetensorsReader.open(file())) {
      assertEquals(
          List.of(
              "embedding.weight",
              "weight_ih_l0",
              "weight_hh_l0",
              "bias_ih_l0",
              "bias_hh_l0",
              "weight_ih_l1",
              "weight_hh_l1",
              "bias_ih_l1",
              "bias_hh_l1",
              "head.weight",
              "head.bias"),
          List.copyOf(reader.tensors().keySet()));
      assertEquals(List.of(4L * 3, 4L), reader.tensors().get("weight_ih_l0").shape());
      assertEquals(
          List.of("unfold", "1", "lstm", "per_operand", "4", "3", "2", "5", "CHAR"),
          List.of(
                  "format",
                  "format_version",
                  "cell",
                  "bias",
                  "embedding",
                  "hidden",
                  "layers",
                  "classes",
                  "unit")
              .stream()
              .map(reader.metadata()::get)
              .toList());
    }
  }

  @Test
  void save_twice_givesTheSameBytes() throws IOException {
    LanguageModel model = model(Cells.gru(), 1, FLOATS).withProvenance(provenance());
    ModelFile.save(file(), model);
    byte[] first = Files.readAllBytes(file());

    ModelFile.save(file(), ModelFile.load(file(), FLOATS));

    assertArrayEquals(first, Files.readAllBytes(file()));
  }

  @Test
  void provenance_ofEitherBudget_comesBack() {
    LanguageModel model = model(Cells.lstm(), 1, FLOATS);
    Provenance epochs = provenance();
    Provenance minutes =
        new Provenance(
            "0.1",
            new Provenance.Beginning(
                Long.MIN_VALUE, Initialization.parse("recurrent=orthogonal,bias=0,forget=1.5")),
            TrainingOptions.defaults().withBudget(new Budget.Minutes(0.25)).withBlocks(7),
            List.of(new Provenance.DataFile("a \"b\"\\c", 1, "aa")),
            List.of(new Provenance.DataFile("v", 2, "bb"), new Provenance.DataFile("w", 3, "cc")),
            new Provenance.Progress(1L << 40, 2, 1.0 / 3));

    for (Provenance provenance : List.of(epochs, minutes)) {
      ModelFile.save(file(), model.withProvenance(provenance));
      assertEquals(Optional.of(provenance), ModelFile.load(file(), FLOATS).provenance());
    }
  }

  @Test
  void network_withWiringAndMasks_comesBack() {
    for (Head head : List.of(new Head.Classes(2), new FactoredClasses(2))) {
      withWiringAndMasks(head);
    }
    NetworkSpec both =
        new NetworkSpec(
            Cells.lstm(), new Encoder.Embedding(2, 3), 3, 2, 2, Set.of(Wiring.BIDIRECTIONAL));
    Network network = Network.create(both, FLOATS, 1);
    assertThrows(
        IllegalArgumentException.class, () -> LanguageModel.of(network, "CHAR", List.of("a", "b")));
  }

  private void withWiringAndMasks(Head head) {
    Noise noise = Noise.dropout(0.5).variational().withState(0.25).withZoneout("c", 0.125);
    for (Set<Wiring> wiring :
        List.of(Set.<Wiring>of(), Set.of(Wiring.RESIDUAL), Set.of(Wiring.RESIDUAL, Wiring.TIED))) {
      NetworkSpec spec =
          new NetworkSpec(Cells.lstm(), new Encoder.Embedding(2, 3), 3, 2, head, wiring, noise);
      Network network = Network.create(spec, FLOATS, 1);
      ModelFile.save(file(), LanguageModel.of(network, "CHAR", List.of("a", "b")));
      LanguageModel loaded = ModelFile.loadLanguage(file(), FLOATS);
      assertEquals(head, loaded.network().spec().head());
      assertEquals(wiring, loaded.network().spec().wiring());
      assertEquals(noise, loaded.network().spec().noise());
      assertArrayEquals(
          network.parameters().buffer().toArray(),
          loaded.network().parameters().buffer().toArray());
    }
  }

  @Test
  void load_ofAnOwnCell_takesTheCell() {
    Cell cell =
        Cell.define(
            "leaky",
            step -> {
              Expr x = step.input();
              Expr h = step.state("h");
              step.next("h", h.plus(Activation.TANH.of(step.affine("net", x, h))));
            });
    ModelFile.save(file(), model(cell, 1, FLOATS));

    assertEquals("leaky", ModelFile.load(file(), FLOATS, cell).network().spec().cell().name());
    assertRefused(
        "metadata \"cell\": expected the name of a cell that is known here, or of one that is"
            + " passed to ModelFile.load, got \"leaky\"");
    FormatException other =
        assertThrows(FormatException.class, () -> ModelFile.load(file(), FLOATS, Cells.lstm()));
    assertTrue(other.getMessage().contains("got \"leaky\""), other.getMessage());
  }

  @Test
  void load_ofANumberThatIsNotFinite_namesTheTensor() {
    LanguageModel model = model(Cells.lstm(), 1, FLOATS);
    Matrix weight = model.network().parameters().matrix("weight_hh_l0");
    weight.set(2, 1, Double.NaN);
    ModelFile.save(file(), model);

    assertRefused("tensor \"weight_hh_l0\": expected finite numbers, got NaN");
  }

  @Test
  void isModel_tellsModelsFromOtherFiles() throws IOException {
    ModelFile.save(file(), model(Cells.lstm(), 1, FLOATS));

    assertTrue(ModelFile.isModel(file()));
    assertFalse(ModelFile.isModel(folder));
    assertFalse(ModelFile.isModel(Files.writeString(folder.resolve("text"), "some text")));
  }

  @Test
  void model_whoseSizesDoNotFit_isRefused() {
    Network network =
        Network.zeros(new NetworkSpec(Cells.lstm(), new Encoder.Vectors(2), 3, 1, 5), FLOATS);

    assertThrows(
        IllegalArgumentException.class, () -> LanguageModel.of(network, "CHAR", VOCABULARY));
    LanguageModel model = model(Cells.lstm(), 1, FLOATS);
    assertThrows(
        IllegalArgumentException.class,
        () -> LanguageModel.of(model.network(), "CHAR", List.of("a")));
  }

  private void assertRoundTrip(LanguageModel model, Kernels kernels) {
    ModelFile.save(file(), model);
    LanguageModel loaded = ModelFile.loadLanguage(file(), kernels);

    assertEquals(model.unit(), loaded.unit());
    assertEquals(model.vocabulary(), loaded.vocabulary());
    assertEquals(Optional.empty(), loaded.provenance());
    NetworkSpec expected = model.network().spec();
    NetworkSpec actual = loaded.network().spec();
    assertEquals(expected.cell().name(), actual.cell().name());
    assertEquals(expected.cell().bias(), actual.cell().bias());
    assertEquals(expected.encoder(), actual.encoder());
    assertEquals(
        List.of(expected.hidden(), expected.layers(), expected.outputs()),
        List.of(actual.hidden(), actual.layers(), actual.outputs()));
    Parameters mine = model.network().parameters();
    for (Parameters.Tensor tensor : mine.tensors()) {
      assertArrayEquals(
          mine.matrix(tensor.name()).hostCopy().buffer().toArray(),
          loaded.network().parameters().matrix(tensor.name()).hostCopy().buffer().toArray(),
          tensor.name());
    }
  }

  private void assertRefused(String reason) {
    FormatException e = assertThrows(FormatException.class, () -> ModelFile.load(file(), FLOATS));
    assertTrue(e.getMessage().startsWith(file() + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private static LanguageModel model(Cell cell, int layers, Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(
            cell, new Encoder.Embedding(VOCABULARY.size(), 4), 3, layers, VOCABULARY.size());
    return LanguageModel.of(Network.create(spec, kernels, 1), "CHAR", VOCABULARY);
  }

  private static Provenance provenance() {
    return new Provenance(
        "0.1",
        new Provenance.Beginning(7, Initialization.defaults()),
        TrainingOptions.defaults(),
        List.of(new Provenance.DataFile("a.txt", 12, "ab12")),
        List.of(),
        new Provenance.Progress(10, 1, 2.5));
  }

  private Path file() {
    return folder.resolve("model.safetensors");
  }
}
