package dev.unfold.formats.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.ActivatedCells;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Keras can hold goes out and comes back bit for bit; the rest is refused by name.
final class KerasFormatTest {
  private static final Kernels FLOATS = Backends.named("scalar", Precision.FLOAT);
  private static final Kernels DOUBLES = Backends.named("scalar", Precision.DOUBLE);

  @TempDir private Path folder;

  private final KerasFormat format = new KerasFormat();

  private static ImportOptions settings(Kernels kernels, Map<String, String> settings) {
    return new ImportOptions(settings, kernels);
  }

  private static Network network(Cell cell, int layers, Set<Wiring> wiring, Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(cell, new Encoder.Vectors(3), 4, layers, new Head.Classes(5), wiring);
    return Network.create(spec, kernels, 7);
  }

  private static void assertSame(Network expected, Network network) {
    Parameters own = expected.parameters();
    Parameters other = network.parameters();
    String which = expected.spec().toString();
    assertEquals(own.tensors(), other.tensors(), which);
    HostBuffer ours = HostBuffer.allocate(own.buffer().type(), own.buffer().length());
    HostBuffer theirs = HostBuffer.allocate(own.buffer().type(), own.buffer().length());
    ours.copy(own.buffer(), 0, 0, ours.length());
    theirs.copy(other.buffer(), 0, 0, theirs.length());
    for (long i = 0; i < ours.length(); i++) {
      assertEquals(
          Double.doubleToRawLongBits(ours.get(i)),
          Double.doubleToRawLongBits(theirs.get(i)),
          which);
    }
  }

  /// Keras has no heads: what comes back is whole.
  @Test
  void file_ofHeads_isThatOfTheWholeMatrices() {
    Network network = network(Cells.lstm().withHeads(2), 1, Set.of(), FLOATS);
    Path file = folder.resolve("heads.keras");
    format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    Network back = format.read(file, settings(FLOATS, Map.of())).model().network();
    assertEquals(4, back.parameters().matrix("weight_hh_l0").cols());
    assertSameOutputs(network, back);
  }

  private static void assertSameOutputs(Network a, Network b) {
    Matrix inputs = Matrix.onHeap(a.kernels().type(), 5, 3);
    for (int r = 0; r < 5; r++) {
      for (int c = 0; c < 3; c++) {
        inputs.set(r, c, Math.sin(3 * r + c));
      }
    }
    Matrix ours = new Runner(a).runWhole(new Inputs.Vectors(inputs), 5);
    Matrix theirs = new Runner(b).runWhole(new Inputs.Vectors(inputs), 5);
    for (int r = 0; r < ours.rows(); r++) {
      for (int c = 0; c < ours.cols(); c++) {
        assertEquals(ours.get(r, c), theirs.get(r, c));
      }
    }
  }

  @Test
  void model_outAndIn_isTheSameBitForBit() {
    List<Cell> cells =
        List.of(
            Cells.elman(Activation.TANH),
            Cells.elman(Activation.RELU),
            Cells.elman(Activation.SIGMOID),
            Cells.elman(Activation.IDENTITY),
            Cells.gru(),
            Cells.gruResetBefore(),
            Cells.lstm(),
            ActivatedCells.of(
                ActivatedCells.Kind.LSTM, ActivatedCells.Gate.HARD_SIGMOID, Activation.RELU));
    for (Cell cell : cells) {
      Bias one = cell.name().equals("gru") ? Bias.PER_OPERAND : Bias.PER_AFFINE;
      for (Bias bias : List.of(one, Bias.NONE)) {
        for (int layers = 1; layers <= 2; layers++) {
          for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.BIDIRECTIONAL))) {
            Kernels kernels = layers == 2 ? DOUBLES : FLOATS;
            Network network = network(cell.withBias(bias), layers, wiring, kernels);
            Imported read = roundTrip(network, ".keras", Map.of());
            assertSame(network, read.model().network());
            assertEquals(network.spec().head(), read.model().network().spec().head());
          }
        }
      }
    }
  }

  private Imported roundTrip(Network network, String end, Map<String, String> settings) {
    Path file = folder.resolve("model" + end);
    format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    return format.read(file, settings(network.kernels(), settings));
  }

  @Test
  void weights_outAndIn_areTheSameBitForBit() throws IOException {
    Network network =
        network(Cells.lstm().withBias(Bias.PER_AFFINE), 2, Set.of(Wiring.BIDIRECTIONAL), FLOATS);
    Imported read = weightsAlone(network, Map.of("outputs", "classes"));
    assertSame(network, read.model().network());
    Network gru = network(Cells.gru().withBias(Bias.NONE), 1, Set.of(), FLOATS);
    FormatException refusal =
        assertThrows(FormatException.class, () -> weightsAlone(gru, Map.of()));
    assertTrue(refusal.getMessage().contains("--set reset_after=true"), refusal::getMessage);
    assertSame(gru, weightsAlone(gru, Map.of("reset_after", "true")).model().network());
  }

  /// As Keras writes them, without a configuration.
  private Imported weightsAlone(Network network, Map<String, String> settings) throws IOException {
    Path file = folder.resolve("alone.weights.h5");
    Files.write(file, HdfWriter.bytes(new KerasWriter(network).arrays()));
    return format.read(file, settings(network.kernels(), settings));
  }

  @Test
  void weights_thatAreWrittenHere_needNoSettings() {
    Head pooled = new PooledHead(new Head.Classes(3), Pooling.LAST);
    NetworkSpec two =
        new NetworkSpec(
            new Encoder.Embedding(6, 3),
            List.of(
                new LayerSpec(Cells.lstm().withBias(Bias.PER_AFFINE), 4),
                new LayerSpec(Cells.gru().withBias(Bias.NONE), 3)),
            pooled);
    Cell relu = Cells.elman(Activation.RELU).withBias(Bias.PER_AFFINE);
    for (NetworkSpec spec : List.of(two, spec(relu, new Head.Sets(2), Set.of()))) {
      Network network = Network.create(spec, FLOATS, 1);
      Network read = roundTrip(network, ".weights.h5", Map.of()).model().network();
      assertSame(network, read);
      assertEquals(spec.head(), read.spec().head());
      assertEquals(spec.stack().getFirst().cell(), read.spec().stack().getFirst().cell());
    }
  }

  @Test
  void heads_outAndIn_areTheSame() {
    List<Head> heads =
        List.of(
            new Head.Sets(4),
            new Head.Values(2, new ValueLoss.SquaredError()),
            new PooledHead(new Head.Classes(3), Pooling.LAST),
            new PooledHead(new Head.Classes(3), Pooling.MEAN),
            new PooledHead(new Head.Values(1, new ValueLoss.SquaredError()), Pooling.MAX));
    for (Head head : heads) {
      NetworkSpec spec =
          new NetworkSpec(
              Cells.lstm().withBias(Bias.PER_AFFINE), new Encoder.Embedding(6, 3), 4, 2, head);
      Network network = Network.create(spec, FLOATS, 1);
      Imported read = roundTrip(network, ".keras", Map.of());
      assertSame(network, read.model().network());
      assertEquals(head, read.model().network().spec().head());
    }
  }

  @Test
  void outputs_thatAreSaid_arePooledAsTheFileSays() {
    NetworkSpec spec =
        spec(Cells.lstm(), new PooledHead(new Head.Classes(3), Pooling.LAST), Set.of());
    Network network = Network.create(spec, FLOATS, 1);
    for (String outputs : List.of("classes", "classes,pooling=last")) {
      Imported read = roundTrip(network, ".keras", Map.of("outputs", outputs));
      assertEquals(spec.head(), read.model().network().spec().head());
    }
  }

  /// Keras wrote no version into weights alone while hard sigmoids were still those of version 2.
  @Test
  void hardSigmoid_ofWeightsOfTensorFlow213_hasTheOldSlope() throws IOException {
    for (String group : List.of("layers", "_layer_checkpoint_dependencies")) {
      String path = group + "/lstm/cell/vars/";
      Path file = folder.resolve(group + ".h5");
      Files.write(file, HdfWriter.bytes(Map.of(path + 0, zeros(3, 8), path + 1, zeros(2, 8))));
      Map<String, String> hard = Map.of("recurrent_activation", "hard_sigmoid");
      Imported read = format.read(file, settings(FLOATS, hard));
      assertEquals(
          group.equals("layers") ? "lstm_hard_sigmoid" : "lstm_hard_sigmoid_fifth",
          read.model().network().spec().cell().name());
      assertTrue(
          read.conventions().stream().anyMatch(line -> line.contains("one for each step")),
          read.conventions()::toString);
    }
  }

  private static HdfWriter.Array zeros(int rows, int columns) {
    return new HdfWriter.Array(
        ElementType.FLOAT32, new int[] {rows, columns}, new byte[4 * rows * columns]);
  }

  @Test
  void twoBiases_out_giveTheSameOutputs() {
    for (Cell cell : List.of(Cells.lstm(), Cells.gruResetBefore(), Cells.elman(Activation.TANH))) {
      Network network = network(cell, 2, Set.of(), DOUBLES);
      assertSameOutputs(network, roundTrip(network, ".keras", Map.of()).model().network());
    }
    Network oneForGru = network(Cells.gru().withBias(Bias.PER_AFFINE), 2, Set.of(), DOUBLES);
    assertSameOutputs(oneForGru, roundTrip(oneForGru, ".keras", Map.of()).model().network());
  }

  @Test
  void write_twice_givesTheSameBytes() throws IOException {
    Network network = network(Cells.gru(), 1, Set.of(), FLOATS);
    Path one = folder.resolve("one.keras");
    Path two = folder.resolve("two.keras");
    format.write(one, NetworkModel.of(network), ExportOptions.defaults());
    format.write(two, NetworkModel.of(network), ExportOptions.defaults());
    assertEquals(-1, java.nio.file.Files.mismatch(one, two));
  }

  @Test
  void write_ofWhatKerasCannotHold_refusesByName() {
    Map<NetworkSpec, String> refused =
        Map.of(
            spec(LstmVariants.peephole(), new Head.Classes(2), Set.of()),
            "lstm_peephole",
            spec(Cells.named("lstm_projected"), new Head.Classes(2), Set.of()),
            "lstm_projected",
            spec(Cells.lstm(), new Head.Tags(2), Set.of()),
            "tags",
            spec(
                Cells.lstm(),
                new PooledHead(new Head.Classes(2), Pooling.LAST),
                Set.of(Wiring.BIDIRECTIONAL)),
            "both directions",
            spec(Cells.named("lstm_hard_sigmoid_fifth"), new Head.Classes(2), Set.of()),
            "slope 1/6",
            new NetworkSpec(Cells.lstm(), new Encoder.Vectors(4), 4, 2, 3, Set.of(Wiring.RESIDUAL)),
            "residual");
    refused.forEach((spec, reason) -> {
      Model model = NetworkModel.of(Network.create(spec, FLOATS, 1));
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () -> format.write(folder.resolve("x.keras"), model, ExportOptions.defaults()));
      assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    });
  }

  private static NetworkSpec spec(Cell cell, Head head, Set<Wiring> wiring) {
    return new NetworkSpec(cell, new Encoder.Vectors(3), 4, 1, head, wiring);
  }

  /// A file whose configuration is changed.
  private Path changed(Network network, UnaryOperator<String> config) throws IOException {
    Path file = folder.resolve("changed.keras");
    format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    KerasFiles.change(file, config);
    return file;
  }

  private void assertRefused(Network network, String from, String to, String reason)
      throws IOException {
    Path file =
        changed(
            network,
            config -> {
              assertTrue(config.contains(from), config);
              return config.replace(from, to);
            });
    FormatException refusal =
        assertThrows(FormatException.class, () -> format.read(file, settings(FLOATS, Map.of())));
    assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  @Test
  void read_ofWhatIsNotHere_refusesByName() throws IOException {
    Network lstm = network(Cells.lstm(), 2, Set.of(), FLOATS);
    Network both = network(Cells.lstm(), 1, Set.of(Wiring.BIDIRECTIONAL), FLOATS);
    assertRefused(lstm, "\"class_name\":\"Dense\"", "\"class_name\":\"Lambda\"", "dense, Lambda");
    assertRefused(
        lstm, "\"return_sequences\":true", "\"return_sequences\":false", "return_sequences");
    assertRefused(
        lstm, "\"units\":4", "\"go_backwards\":true,\"units\":4", "does not go backwards");
    assertRefused(both, "\"concat\"", "\"sum\"", "got sum");
    assertRefused(
        both, "\"return_sequences\":true", "\"return_sequences\":false", "first of the other");
    assertRefused(
        lstm,
        "\"recurrent_activation\":\"sigmoid\"",
        "\"recurrent_activation\":\"exponential\"",
        "exponential");
    assertRefused(lstm, "\"softmax\"", "\"swish\"", "swish");
    assertRefused(lstm, "\"Sequential\"", "\"Mine\"", "Mine");
    Network gru = network(Cells.gru(), 1, Set.of(), FLOATS);
    assertRefused(gru, "\"reset_after\":true", "\"reset_after\":false", "[2, 3H]");
  }

  @Test
  void functionalModel_ofOneRow_isReadAndOthersAreNot() throws IOException {
    Network network = network(Cells.lstm().withBias(Bias.PER_AFFINE), 1, Set.of(), FLOATS);
    Path file = changed(network, config -> functional(config, "\"lstm_0\""));
    assertSame(network, format.read(file, settings(FLOATS, Map.of())).model().network());
    Path two = changed(network, config -> functional(config, "\"lstm_0\",0,0],[\"input_layer\""));
    FormatException refusal =
        assertThrows(FormatException.class, () -> format.read(two, settings(FLOATS, Map.of())));
    assertTrue(refusal.getMessage().contains("expected one input, got 2"), refusal::getMessage);
  }

  /// The same layers, each with what goes into it.
  private static String functional(String config, String intoDense) {
    return config
        .replace("\"Sequential\"", "\"Functional\"")
        .replace(
            "{\"module\":\"keras.layers\",\"class_name\":\"LSTM\"",
            "{\"inbound_nodes\":[{\"args\":[{\"class_name\":\"__keras_tensor__\",\"config\":{"
                + "\"keras_history\":[\"input_layer\",0,0]}}],\"kwargs\":{}}],\"class_name\":\"LSTM\"")
        .replace(
            "{\"module\":\"keras.layers\",\"class_name\":\"Dense\"",
            "{\"inbound_nodes\":[[[%s,0,0,{}]]],\"class_name\":\"Dense\"".formatted(intoDense))
        .replace(
            "\"layers\":[",
            "\"input_layers\":[[\"input_layer\",0,0]],\"output_layers\":[\"dense\",0,0],\"layers\":[");
  }

  @Test
  void hardSigmoid_byVersion_hasTheSlopeOfThatVersion() throws IOException {
    Network network = network(Cells.lstm().withBias(Bias.PER_AFFINE), 1, Set.of(), FLOATS);
    UnaryOperator<String> hard =
        config ->
            config.replace(
                "\"recurrent_activation\":\"sigmoid\"",
                "\"recurrent_activation\":\"hard_sigmoid\"");
    Path file = changed(network, hard);
    Model model = format.read(file, settings(FLOATS, Map.of())).model();
    assertEquals("lstm_hard_sigmoid", model.network().spec().cell().name());
    KerasFiles.changeVersion(file, "2.11.0");
    Model old = format.read(file, settings(FLOATS, Map.of())).model();
    assertEquals("lstm_hard_sigmoid_fifth", old.network().spec().cell().name());
    Path saved = folder.resolve("saved.safetensors");
    ModelFile.save(saved, old);
    assertEquals(old.network().spec(), ModelFile.load(saved, FLOATS).network().spec());
  }

  @Test
  void formats_byEnding_findKeras() {
    for (String end : List.of(".keras", ".h5", ".weights.h5", ".hdf5")) {
      assertEquals("keras", ModelFormats.of(Path.of("a" + end)).name());
    }
  }
}
