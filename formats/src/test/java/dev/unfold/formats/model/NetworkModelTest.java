package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedNegativeBinomial;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Quantiles;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.RemoteKernels;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.StaticStart;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of network survives its file.
final class NetworkModelTest {
  private static final int K = 6;
  private static final int V = 5;
  private static final Encoder COLUMNS =
      new Encoder.Columns(2, List.of(new Encoder.Embedding(V, 3), new Encoder.Embedding(8, 1)));
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);

  @TempDir private Path folder;

  private static List<Head> heads() {
    List<Head> heads = new ArrayList<>();
    heads.add(new Head.Classes(K));
    heads.add(new FactoredClasses(K));
    heads.add(new Head.Sets(K));
    heads.add(new Head.Labels(K, 2));
    heads.add(new Head.Tags(K));
    heads.add(
        SeveralHeads.of(
            new SeveralHeads.Part("tags", new Head.Tags(K - 2), 0.1),
            new SeveralHeads.Part(
                "kind_2", new PooledHead(new Head.Classes(2), Pooling.ATTENTION), 1e-9)));
    for (Pooling pooling : Pooling.values()) {
      heads.add(new PooledHead(new Head.Classes(K), pooling));
      heads.add(new PooledHead(new Head.Sets(K), pooling));
      heads.add(new PooledHead(new Head.Values(K, new ValueLoss.Huber(0.25)), pooling));
    }
    for (ValueLoss loss :
        List.of(
            new ValueLoss.SquaredError(),
            new ValueLoss.AbsoluteError(),
            new ValueLoss.Huber(0.25),
            new ValueLoss.Quantile(0.9),
            new ValueLoss.SigmoidCrossEntropy(),
            new ValueLoss.Gaussian(),
            new ValueLoss.StudentT(3),
            new ValueLoss.NegativeBinomial(1e-3),
            new LearnedStudentT(),
            new LearnedNegativeBinomial(),
            new Quantiles(List.of(0.5)),
            new Quantiles(List.of(0.1, 0.5, 0.9)),
            new Quantiles(List.of(1e-5, 0.025, 0.1, 0.5, 0.75, 0.975)))) {
      heads.add(new Head.Values(K / loss.outputsPerNumber(), loss));
    }
    return heads;
  }

  private static Stream<NetworkSpec> specs() {
    NetworkSpec started =
        new NetworkSpec(Cells.lstm(), COLUMNS, 4, 1, new Head.Classes(K))
            .with(new StaticStart(1, 1));
    return Stream.concat(
        Stream.of(started),
        heads().stream()
            .flatMap(head ->
                Stream.of(new Encoder.Embedding(V, 3), new Encoder.Vectors(2), COLUMNS)
                    .flatMap(encoder ->
                        Stream.of(
                                Set.<Wiring>of(),
                                Set.of(Wiring.BIDIRECTIONAL),
                                Set.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL))
                            .map(wiring ->
                                new NetworkSpec(Cells.gru(), encoder, 4, 2, head, wiring)))));
  }

  private static Inputs inputs(NetworkSpec spec, int steps) {
    if (spec.encoder() instanceof Encoder.Embedding tokens) {
      int[] all = new int[steps];
      for (int t = 0; t < steps; t++) {
        all[t] = (3 * t + 1) % tokens.vocabulary();
      }
      return new Inputs.Tokens(all, 0);
    }
    Matrix values = Matrix.allocate(ElementType.FLOAT32, steps, spec.encoder().numbers());
    for (int t = 0; t < steps; t++) {
      values.set(t, t % values.cols(), 1 - 0.25 * t);
    }
    if (spec.encoder() instanceof Encoder.Columns) {
      return new Inputs.Columns(
          values, IntStream.range(0, steps).map(t -> t % V).toArray(), new int[steps]);
    }
    return new Inputs.Vectors(values);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void network_ofAnyKind_comesBackAndComputesTheSame(NetworkSpec spec) {
    Path file = folder.resolve("model.safetensors");
    Network network = Network.create(spec, KERNELS, 7);
    ModelFile.save(file, network);

    Network read = ModelFile.loadNetwork(file, KERNELS);

    assertEquals(spec.head(), read.spec().head());
    assertEquals(spec.encoder(), read.spec().encoder());
    assertEquals(spec.wiring(), read.spec().wiring());
    assertEquals(spec.start(), read.spec().start());
    assertArrayEquals(
        network.parameters().buffer().toArray(), read.parameters().buffer().toArray());
    Inputs inputs = inputs(spec, 8);
    assertArrayEquals(
        new Runner(network).runWhole(inputs, 4, 3).buffer().toArray(),
        new Runner(read).runWhole(inputs, 4, 3).buffer().toArray());
  }

  @Test
  void network_inMemoryThatIsNotTheHosts_isTheSameFile() throws IOException {
    Kernels remote = RemoteKernels.of(KERNELS);
    NetworkSpec spec = specs().findFirst().orElseThrow();
    Path here = folder.resolve("here.safetensors");
    Path there = folder.resolve("there.safetensors");
    ModelFile.save(here, Network.create(spec, KERNELS, 7));
    ModelFile.save(there, Network.create(spec, remote, 7));
    assertArrayEquals(Files.readAllBytes(here), Files.readAllBytes(there));

    Network read = ModelFile.loadNetwork(here, remote);

    Inputs inputs = inputs(spec, 8);
    assertArrayEquals(
        new Runner(ModelFile.loadNetwork(here, KERNELS)).runWhole(inputs, 4, 3).buffer().toArray(),
        new Runner(read).runWhole(inputs, 4, 3).buffer().toArray());
  }

  @Test
  void head_asText_comesBack() {
    for (Head head : heads()) {
      assertEquals(head, Head.parse(head.text(), K));
    }
    for (String wrong :
        List.of(
            "",
            "class",
            "classes,",
            "values",
            "values,",
            "values,huber",
            "values,huber,delta=",
            "values,huber,delta=-1",
            "values,huber,delta=1e400",
            "labels",
            "labels,blank=",
            "labels,blank=6",
            "labels,blank=-1",
            "sets,3",
            "tags,6",
            "classes,pooling=",
            "classes,pooling=median",
            "classes,pooling=mean,pooling=mean",
            "labels,blank=2,pooling=mean",
            "factored,pooling=last",
            "tags,pooling=last",
            "values,gaussian,delta=1",
            "values,student_t,degrees=learn",
            "values,huber,delta=learned",
            "values,quantiles,levels=",
            "values,quantiles,levels=0.1:0.5:0.5",
            "values,quantiles,levels=0.1:0.5:0.9:",
            "values,quantiles,levels=0.1:1",
            "values,quantiles,levels=0.1:0.2:0.3:0.4")) {
      assertThrows(IllegalArgumentException.class, () -> Head.parse(wrong, K), wrong);
    }
  }

  @Test
  void description_isSavedAndRead_andChangesNothingElse() {
    Path file = folder.resolve("model.safetensors");
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, heads().get(3));
    Map<String, String> said =
        Map.of(NetworkModel.TASK, "series", "columns", "[\"a\",\"\u00e9\\\"\"]");
    ModelFile.save(file, NetworkModel.of(Network.create(spec, KERNELS, 7), said));
    NetworkModel read = assertInstanceOf(NetworkModel.class, ModelFile.load(file, KERNELS));
    assertEquals(said, read.description());
    assertEquals("series", read.task());
    assertEquals(spec, read.network().spec());
  }

  @Test
  void model_ofOtherThanText_isRefusedAsALanguageModel() {
    Path file = folder.resolve("model.safetensors");
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, heads().get(3));
    ModelFile.save(file, Network.create(spec, KERNELS, 7));
    assertInstanceOf(NetworkModel.class, ModelFile.load(file, KERNELS));
    assertThrows(FormatException.class, () -> ModelFile.loadLanguage(file, KERNELS));
  }

  private static List<LayerSpec> mixed() {
    return List.of(
        new LayerSpec(Cells.named("lstm_projected").withSize("P", 3), 4),
        new LayerSpec(Cells.gru().withBias(Bias.NONE), 2, Set.of(Wiring.BIDIRECTIONAL)),
        new LayerSpec(Cells.lstm(), 4, Set.of(Wiring.RESIDUAL)));
  }

  @Test
  void mixedLayers_comeBackAndComputeTheSame() {
    Path file = folder.resolve("model.safetensors");
    for (Encoder encoder : List.of(new Encoder.Embedding(V, 3), new Encoder.Vectors(2), COLUMNS)) {
      NetworkSpec spec =
          new NetworkSpec(encoder, mixed(), new Head.Classes(K), Set.of(), Noise.dropout(0.25));
      Network network = Network.create(spec, KERNELS, 7);
      ModelFile.save(file, network);

      Network read = ModelFile.loadNetwork(file, KERNELS);

      assertEquals(spec, read.spec());
      assertArrayEquals(
          network.parameters().buffer().toArray(), read.parameters().buffer().toArray());
      Inputs inputs = inputs(spec, 8);
      assertArrayEquals(
          new Runner(network).runWhole(inputs, 4, 3).buffer().toArray(),
          new Runner(read).runWhole(inputs, 4, 3).buffer().toArray());
    }
  }

  /// Whether layers are given one by one or not.
  @Test
  void layersThatAreAlike_areTheSameFile() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path list = folder.resolve("list.safetensors");
    Set<Wiring> wiring = Set.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), COLUMNS, 4, 3, K, wiring);
    ModelFile.save(one, Network.create(spec, KERNELS, 7));
    NetworkSpec each = new NetworkSpec(COLUMNS, spec.stack(), spec.head());
    ModelFile.save(list, Network.create(each, KERNELS, 7));
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(list));
    assertTrue(Files.readString(one, StandardCharsets.ISO_8859_1).contains("\"layers\":\"3\""));
  }

  @Test
  void layers_thatDoNotFitTheFile_areRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    NetworkSpec spec = new NetworkSpec(new Encoder.Vectors(2), mixed(), new Head.Classes(K));
    ModelFile.save(file, Network.create(spec, KERNELS, 7));
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    String layers = "lstm_projected:4:P=3,gru:2:both,lstm:4:residual";
    assertTrue(text.contains(layers));
    for (String changed :
        List.of(
            "lstm_projected:4:P=3,gru:2:both,lstm:5:residual",
            "lstm_projected:4:P=2,gru:2:both,lstm:4:residual",
            "lstm_projected:4:P=3,gru:4,lstm:04:res,idual:::",
            "gru:2:both,lstm_projected:4:P=3,lstm:4:residual",
            "lstm_projected:4:P=3,grx:2:both,lstm:4:residual")) {
      assertEquals(layers.length(), changed.length());
      Files.writeString(file, text.replace(layers, changed), StandardCharsets.ISO_8859_1);
      FormatException refused =
          assertThrows(FormatException.class, () -> ModelFile.load(file, KERNELS), changed);
      assertEquals(1, refused.getMessage().lines().count());
    }
    String biases = "per_operand,none,per_operand";
    assertTrue(text.contains(biases));
    for (String changed :
        List.of(
            "none,per_operand,per_operand", "per_operand,none_per_operand",
            "per_operand,some,per_operand", "per_operand,none,per_affine,")) {
      assertEquals(biases.length(), changed.length());
      Files.writeString(file, text.replace(biases, changed), StandardCharsets.ISO_8859_1);
      assertThrows(FormatException.class, () -> ModelFile.load(file, KERNELS), changed);
    }
  }

  @Test
  void columns_thatDoNotFitTheFile_areRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    NetworkSpec spec = new NetworkSpec(Cells.gru(), COLUMNS, 4, 1, 3);
    ModelFile.save(file, Network.create(spec, KERNELS, 7));
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains("numbers=2;5x3;8x1"));
    for (String columns :
        List.of(
            "numbers=2;5x3;9x1",
            "numbers=3;5x3;8x1",
            "numbers=2;5x4;8x0",
            "numbers=2;5x3;;;;",
            "numbers=2;5x3;-8x",
            "number=2;5x3;;8x1",
            "numbers=+2;5x38x1",
            "numbers=2;05x3;81",
            "numbers=-;5x3;8x1")) {
      Files.writeString(
          file, text.replace("numbers=2;5x3;8x1", columns), StandardCharsets.ISO_8859_1);
      FormatException refused =
          assertThrows(FormatException.class, () -> ModelFile.load(file, KERNELS), columns);
      assertEquals(1, refused.getMessage().lines().count());
    }
    String huge = "numbers=2147483647;5x3;8x1";
    assertThrows(
        FormatException.class,
        () -> new ModelReader(write(file, text, huge), KERNELS, Cells::named).read());
  }

  /// The file with other columns, of another length.
  private static Path write(Path file, String text, String columns) throws IOException {
    String changed = text.replace("numbers=2;5x3;8x1", columns);
    byte[] bytes = changed.getBytes(StandardCharsets.ISO_8859_1);
    // The length of the header, of which the last spaces are not needed.
    bytes[0] += (byte) (columns.length() - "numbers=2;5x3;8x1".length());
    return Files.write(file, bytes);
  }

  @Test
  void head_thatDoesNotFitTheFile_isRefused() throws Exception {
    Path file = folder.resolve("model.safetensors");
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, heads().get(3));
    ModelFile.save(file, Network.create(spec, KERNELS, 7));
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    for (String head :
        List.of("labels,blank=9", "labels,blank=x", "factored,mean=", "sets_12345678_")) {
      Files.write(
          file,
          text.replace("labels,blank=2", head)
              .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      assertThrows(FormatException.class, () -> ModelFile.load(file, KERNELS), head);
    }
  }
}
