package dev.unfold.formats.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LightCells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What PyTorch can hold goes out and comes back bit for bit; the rest is refused by name.
final class TorchFormatTest {
  private static final Kernels FLOATS = Backends.named("scalar", Precision.FLOAT);
  private static final Kernels DOUBLES = Backends.named("scalar", Precision.DOUBLE);

  @TempDir private Path folder;

  private final TorchFormat format = new TorchFormat();

  private static ImportOptions settings(Kernels kernels, String... pairs) {
    Map<String, String> settings = new HashMap<>();
    for (String pair : pairs) {
      settings.put(pair.replaceAll("=.*", ""), pair.replaceAll("^[^=]*=", ""));
    }
    return new ImportOptions(settings, kernels);
  }

  private static Network network(Cell cell, int layers, Set<Wiring> wiring, Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(cell, new Encoder.Vectors(3), 4, layers, new Head.Classes(5), wiring);
    return Network.create(spec, kernels, 7);
  }

  private static void assertSame(Network expected, Network network, String which) {
    Parameters own = expected.parameters();
    Parameters other = network.parameters();
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

  /// PyTorch has no heads: what comes back is whole.
  @Test
  void stateDict_ofHeads_isThatOfTheWholeMatrices() {
    Network network = network(Cells.gru().withHeads(2), 2, Set.of(), FLOATS);
    Path file = folder.resolve("heads.safetensors");
    format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    Network back = format.read(file, settings(FLOATS)).model().network();
    assertSame(network.withWholeMatrices(), back, "heads");
    assertEquals(0, back.parameters().matrix("weight_hh_l1").get(0, 3));
    assertSameOutputs(network, back);
  }

  private static void assertSameOutputs(Network a, Network b) {
    Matrix inputs = Matrix.onHeap(a.kernels().type(), 5, 3);
    for (int r = 0; r < 5; r++) {
      for (int c = 0; c < 3; c++) {
        inputs.set(r, c, Math.sin(3 * r + c));
      }
    }
    Matrix expected = new Runner(a).run(new Inputs.Vectors(inputs), a.zeroState(1)).outputs();
    Matrix got = new Runner(b).run(new Inputs.Vectors(inputs), b.zeroState(1)).outputs();
    for (int r = 0; r < 5; r++) {
      for (int k = 0; k < expected.cols(); k++) {
        // Some hundred units in the last place of a float.
        assertEquals(expected.get(r, k), got.get(r, k), 1e-5);
      }
    }
  }

  @Test
  void stateDict_outAndIn_isTheSameBitForBit() {
    List<Cell> cells =
        List.of(
            Cells.elman(Activation.TANH),
            Cells.elman(Activation.RELU),
            Cells.gru(),
            Cells.lstm(),
            Cells.named("lstm_projected").withSize("P", 3));
    for (Cell cell : cells) {
      for (Bias bias : List.of(Bias.PER_OPERAND, Bias.NONE)) {
        for (int layers = 1; layers <= 2; layers++) {
          for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.BIDIRECTIONAL))) {
            for (String end : List.of(".safetensors", ".pt")) {
              Kernels kernels = end.equals(".pt") && layers == 2 ? DOUBLES : FLOATS;
              roundTrip(network(cell.withBias(bias), layers, wiring, kernels), end, kernels);
            }
          }
        }
      }
    }
  }

  private void roundTrip(Network network, String end, Kernels kernels) {
    String which = network.spec() + end;
    Path file = folder.resolve("model" + end);
    format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    String cell = network.spec().cell().name();
    ImportOptions options =
        cell.startsWith("elman")
            ? settings(
                kernels,
                "outputs=classes",
                "nonlinearity=" + (cell.equals("elman") ? "tanh" : "relu"))
            : settings(kernels, "outputs=classes");
    Imported read = format.read(file, options);
    assertSame(network, read.model().network(), which);
    assertEquals(
        network.spec().cell(),
        read.model().network().spec().cell().withBias(network.spec().cell().bias()),
        which);
  }

  @Test
  void tokens_outAndIn_areTheSameWithTiedWeightsApart() {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(6, 4), 4, 2, 6, Set.of(Wiring.TIED));
    Network network = Network.create(spec, FLOATS, 3);
    Path file = folder.resolve("tied.pt");
    List<String> lines = format.write(file, NetworkModel.of(network), ExportOptions.defaults());
    assertTrue(lines.contains("        self.head.weight = self.embedding.weight"), lines::toString);
    Imported read = format.read(file, settings(FLOATS, "embedding=embedding", "head=head"));
    assertEquals(new Head.Classes(6), read.model().network().spec().head());
    assertSameOutputs(network, read.model().network(), new Inputs.Tokens(new int[] {1, 5, 0}, 0));
  }

  @Test
  void file_thatIsWrittenHere_needsNoSettings() {
    Head pooled = new PooledHead(new Head.Classes(3), Pooling.LAST);
    List<NetworkSpec> specs =
        List.of(
            spec(Cells.elman(Activation.RELU), pooled),
            spec(Cells.elman(Activation.TANH), new Head.Sets(2)),
            spec(Cells.gru(), new Head.Labels(4, 0)),
            new NetworkSpec(Cells.lstm(), new Encoder.Embedding(3, 3), 3, 2, pooled));
    for (NetworkSpec spec : specs) {
      Network network = Network.create(spec, FLOATS, 1);
      for (String end : List.of(".safetensors", ".pt")) {
        Path file = folder.resolve("own" + end);
        format.write(file, NetworkModel.of(network), ExportOptions.defaults());
        Imported read = format.read(file, settings(FLOATS));
        assertSame(network, read.model().network(), spec + end);
        assertEquals(spec.head(), read.model().network().spec().head());
        assertEquals(
            new Head.Values(spec.outputs(), new ValueLoss.SquaredError()),
            format
                .read(file, settings(FLOATS, "outputs=values,squared_error"))
                .model()
                .network()
                .spec()
                .head());
      }
    }
  }

  private static void assertSameOutputs(Network a, Network b, Inputs inputs) {
    Matrix ours = new Runner(a).runWhole(inputs, inputs.rows());
    Matrix theirs = new Runner(b).runWhole(inputs, inputs.rows());
    for (int r = 0; r < ours.rows(); r++) {
      for (int c = 0; c < ours.cols(); c++) {
        assertEquals(ours.get(r, c), theirs.get(r, c));
      }
    }
  }

  private static Inputs vectors(Kernels kernels, int steps, int width) {
    Matrix inputs = Matrix.onHeap(kernels.type(), steps, width);
    for (int r = 0; r < steps; r++) {
      for (int c = 0; c < width; c++) {
        inputs.set(r, c, Math.sin(3 * r + c));
      }
    }
    return new Inputs.Vectors(inputs);
  }

  @Test
  void oneBias_out_givesTheSameOutputs() {
    for (Cell cell : List.of(Cells.lstm(), Cells.gru(), Cells.elman(Activation.TANH))) {
      Network network = network(cell.withBias(Bias.PER_AFFINE), 2, Set.of(), DOUBLES);
      Path file = folder.resolve("bias.safetensors");
      format.write(file, NetworkModel.of(network), ExportOptions.defaults());
      ImportOptions options =
          cell.name().equals("elman") ? settings(DOUBLES, "nonlinearity=tanh") : settings(DOUBLES);
      Imported read = format.read(file, options);
      assertSameOutputs(network, read.model().network(), vectors(DOUBLES, 5, 3));
    }
  }

  @Test
  void write_ofWhatPyTorchCannotHold_refusesByName() {
    NetworkSpec residual =
        new NetworkSpec(Cells.lstm(), new Encoder.Vectors(4), 4, 2, 3, Set.of(Wiring.RESIDUAL));
    NetworkSpec sizes =
        new NetworkSpec(
            new Encoder.Vectors(2),
            List.of(new LayerSpec(Cells.lstm(), 4), new LayerSpec(Cells.lstm(), 3)),
            new Head.Classes(3));
    Map<NetworkSpec, String> refused =
        Map.of(
            spec(LstmVariants.peephole(), new Head.Classes(2)),
            "lstm_peephole",
            spec(LstmVariants.coupled(), new Head.Classes(2)),
            "lstm_coupled",
            spec(Cells.gruResetBefore(), new Head.Classes(2)),
            "gru_reset_before",
            spec(LightCells.minGru(), new Head.Classes(2)),
            "mingru",
            spec(Cells.lstm(), new Head.Tags(2)),
            "a conditional random field",
            spec(Cells.lstm(), new PooledHead(new Head.Classes(2), Pooling.ATTENTION)),
            "attention",
            spec(Cells.lstm(), new Head.Classes(2)).with(Noise.NONE.withZoneout("c", 0.5)),
            "zoneout",
            residual,
            "residual",
            sizes,
            "layer l1 of lstm, H=3");
    refused.forEach((spec, reason) -> {
      NetworkModel model = NetworkModel.of(Network.create(spec, FLOATS, 1));
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () -> format.write(folder.resolve("x.pt"), model, ExportOptions.defaults()));
      assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    });
  }

  private static NetworkSpec spec(Cell cell, Head head) {
    return new NetworkSpec(cell, new Encoder.Vectors(3), 4, 1, head);
  }

  /// A file with tensors of these names and shapes, numbers 0, 1/8, 2/8, ...
  private Path stateDict(Map<String, List<Long>> shapes) {
    List<Tensor> tensors = new ArrayList<>();
    shapes.forEach((name, shape) -> {
      long count = shape.stream().reduce(1L, (a, b) -> a * b);
      HostBuffer values = HostBuffer.allocate(FLOATS.type(), count);
      for (long i = 0; i < count; i++) {
        values.set(i, i / 8.0);
      }
      tensors.add(new Tensor(name, shape, values, 0));
    });
    Path file = folder.resolve("state.safetensors");
    SafetensorsWriter.write(file, Map.of(), tensors);
    return file;
  }

  private static Map<String, List<Long>> lstm(
      String prefix, String suffix, long input, long hidden) {
    Map<String, List<Long>> shapes = new HashMap<>();
    shapes.put(prefix + "weight_ih" + suffix, List.of(4 * hidden, input));
    shapes.put(prefix + "weight_hh" + suffix, List.of(4 * hidden, hidden));
    shapes.put(prefix + "bias_ih" + suffix, List.of(4 * hidden));
    shapes.put(prefix + "bias_hh" + suffix, List.of(4 * hidden));
    return shapes;
  }

  private Imported read(Map<String, List<Long>> shapes, String... settings) {
    return format.read(stateDict(shapes), settings(FLOATS, settings));
  }

  private void assertRefused(String reason, Map<String, List<Long>> shapes, String... settings) {
    FormatException refusal = assertThrows(FormatException.class, () -> read(shapes, settings));
    assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  @Test
  void prefix_ofOneModule_isFound() {
    Map<String, List<Long>> shapes = lstm("module.encoder.lstm.", "_l0", 3, 2);
    Imported read = read(shapes);
    assertEquals(2, read.model().network().spec().outputs());
    assertTrue(
        read.conventions().getFirst().contains("lstm of module.encoder.lstm., H=2"),
        read.conventions()::toString);
    assertTrue(read.conventions().get(1).contains("identity"), read.conventions()::toString);
  }

  @Test
  void cell_withoutLayerNumbers_isALayer() {
    assertEquals(1, read(lstm("", "", 3, 2)).model().network().spec().layers());
  }

  @Test
  void modules_severalOfThem_areChosenOrStacked() {
    Map<String, List<Long>> shapes = lstm("a.", "_l0", 3, 2);
    shapes.putAll(lstm("b.", "_l0", 2, 5));
    assertRefused("--set prefix=a or b", shapes);
    assertRefused("--set rest=ignore", shapes, "prefix=a");
    assertEquals(2, read(shapes, "prefix=a", "rest=ignore").model().network().spec().outputs());
    NetworkSpec both = read(shapes, "prefix=a,b").model().network().spec();
    assertEquals(2, both.layers());
    assertEquals(5, both.outputs());
    assertRefused("b.weight_ih_l0: expected [20, 3], got [20, 2]", turned(shapes), "prefix=a,b");
  }

  private static Map<String, List<Long>> turned(Map<String, List<Long>> shapes) {
    Map<String, List<Long>> other = new HashMap<>(shapes);
    other.putAll(lstm("a.", "_l0", 3, 3));
    return other;
  }

  @Test
  void head_amongSeveral_isAskedFor() {
    Map<String, List<Long>> shapes = lstm("lstm.", "_l0", 3, 2);
    shapes.put("one.weight", List.of(7L, 2L));
    shapes.put("one.bias", List.of(7L));
    shapes.put("two.weight", List.of(9L, 2L));
    shapes.put("two.bias", List.of(9L));
    assertRefused("--set head=", shapes);
    assertRefused("two.weight", shapes, "head=one");
    NetworkSpec spec =
        read(shapes, "head=two", "rest=ignore", "outputs=classes").model().network().spec();
    assertEquals(new Head.Classes(9), spec.head());
  }

  @Test
  void elman_withoutItsNonlinearity_isAskedFor() {
    Map<String, List<Long>> shapes =
        new HashMap<>(
            Map.of("rnn.weight_ih_l0", List.of(2L, 3L), "rnn.weight_hh_l0", List.of(2L, 2L)));
    assertRefused("--set nonlinearity=tanh or --set nonlinearity=relu", shapes);
    assertRefused("got elman by their shapes", shapes, "cell=gru", "nonlinearity=tanh");
    assertEquals("elman", read(shapes, "cell=elman").model().network().spec().cell().name());
    assertEquals(
        "elman_relu", read(shapes, "nonlinearity=relu").model().network().spec().cell().name());
  }

  @Test
  void head_withABiasAboveLayersWithout_getsZerosThere() {
    Map<String, List<Long>> shapes =
        new HashMap<>(Map.of("g.weight_ih_l0", List.of(6L, 3L), "g.weight_hh_l0", List.of(6L, 2L)));
    shapes.put("fc.weight", List.of(4L, 2L));
    shapes.put("fc.bias", List.of(4L));
    Network network = read(shapes).model().network();
    assertEquals(0.125, network.parameters().matrix(Head.BIAS).get(0, 1));
    assertEquals(0, network.parameters().matrix("bias_hh_l0").get(0, 5));
  }

  @Test
  void parameters_thatNoLayerHas_areRefused() {
    Map<String, List<Long>> half = lstm("", "_l0", 3, 2);
    half.remove("bias_ih_l0");
    assertRefused("bias_hh_l0: expected none", half);
    Map<String, List<Long>> projected =
        new HashMap<>(Map.of("weight_ih_l0", List.of(6L, 3L), "weight_hh_l0", List.of(6L, 2L)));
    projected.put("weight_hr_l0", List.of(2L, 2L));
    assertRefused("weight_hr_l0: expected none", projected);
  }

  @Test
  void settings_unknown_areRefused() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ModelFormats.read(
                    stateDict(lstm("", "_l0", 1, 1)), settings(FLOATS, "nonsense=1")));
    assertTrue(refusal.getMessage().contains("nonsense"), refusal::getMessage);
  }

  @Test
  void formats_byEnding_findStateDicts() {
    for (String end : List.of(".pt", ".pth", ".safetensors")) {
      assertEquals("torch", ModelFormats.of(Path.of("a" + end)).name());
    }
  }
}
