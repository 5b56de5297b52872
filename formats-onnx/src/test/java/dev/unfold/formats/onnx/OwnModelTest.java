package dev.unfold.formats.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.StringStringEntryProto;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedNegativeBinomial;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Quantiles;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that Unfold wrote come back as the models that they were, whatever their heads and encoders.
final class OwnModelTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  static Stream<Head> heads() {
    return Stream.of(
        new Head.Values(2, new ValueLoss.Gaussian()),
        new Head.Values(2, ValueLoss.parse("huber,delta=1.0")),
        new Head.Values(2, new LearnedStudentT()),
        new Head.Values(1, new LearnedNegativeBinomial()),
        new Head.Values(2, new Quantiles(List.of(0.1, 0.5, 0.9))),
        new FactoredClasses(7),
        new Head.Tags(4),
        new Head.Labels(4, 1),
        new PooledHead(new Head.Classes(3), Pooling.ATTENTION),
        new PooledHead(new Head.Values(2, new ValueLoss.Gaussian()), Pooling.MEAN),
        SeveralHeads.of(
            new SeveralHeads.Part("level", new Head.Values(2, new ValueLoss.SquaredError())),
            new SeveralHeads.Part("kind", new PooledHead(new Head.Classes(3), Pooling.MEAN)),
            new SeveralHeads.Part("word", new Head.Tags(3))));
  }

  private Imported written(Model model, ExportOptions.States states) {
    Path file = folder.resolve("model.onnx");
    OnnxFormat format = new OnnxFormat();
    format.write(file, model, new ExportOptions(states, OptionalInt.empty(), Optional.empty()));
    return format.read(file, ImportOptions.defaults(KERNELS));
  }

  private static Network network(NetworkSpec spec) {
    Network network = Network.create(spec, KERNELS, 5);
    // Also what is zero in a new network, such as the scores of transitions.
    Random random = new Random(3);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      if (tensor.name().startsWith("head")) {
        Matrix matrix = network.parameters().matrix(tensor.name());
        for (int i = 0; i < tensor.length(); i++) {
          matrix.set(i / matrix.cols(), i % matrix.cols(), random.nextGaussian());
        }
      }
    }
    network.parameters().changed();
    return network;
  }

  private void assertComesBack(Head head, Encoder encoder, int layers, Set<Wiring> wiring) {
    Network network = network(new NetworkSpec(Cells.gru(), encoder, 4, layers, head, wiring));
    Model model = NetworkModel.of(network, Map.of("task", "own", "columns", "a,b"));
    for (ExportOptions.States states : ExportOptions.States.values()) {
      Imported read = written(model, states);
      assertTrue(
          read.content() instanceof Imported.Content.OfModel, () -> read.conventions().toString());
      NetworkModel again = (NetworkModel) read.model();
      assertEquals(head, again.network().spec().head(), () -> read.conventions().toString());
      assertEquals(encoder, again.network().spec().encoder());
      assertEquals("own", again.task());
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        if (tensor.name().startsWith("head") || tensor.name().startsWith("embedding")) {
          assertSame(network, again.network(), tensor);
        }
      }
      List<Parity.Row> rows =
          Parity.of(network, again.network(), Parity.input(encoder, KERNELS, 16, 2), 16);
      assertTrue(rows.stream().allMatch(row -> row.relative() <= 1e-6), rows::toString);
    }
  }

  private static void assertSame(Network a, Network b, Parameters.Tensor tensor) {
    Matrix own = a.parameters().matrix(tensor.name());
    Matrix other = b.parameters().matrix(tensor.name());
    for (int i = 0; i < tensor.length(); i++) {
      assertEquals(
          own.get(i / own.cols(), i % own.cols()),
          other.get(i / own.cols(), i % own.cols()),
          tensor.name());
    }
  }

  @ParameterizedTest
  @MethodSource("heads")
  void read_ofEachHead_isTheModelAgain(Head head) {
    assertComesBack(head, new Encoder.Vectors(3), 2, Set.of());
  }

  @Test
  void read_ofTablesAndBothDirections_isTheModelAgain() {
    Encoder columns =
        new Encoder.Columns(2, List.of(new Encoder.Embedding(5, 3), new Encoder.Embedding(4, 2)));
    Head head = new Head.Values(1, new Quantiles(List.of(0.25, 0.5, 0.75)));
    assertComesBack(head, columns, 1, Set.of());
    assertComesBack(new Head.Tags(3), columns, 1, Set.of(Wiring.BIDIRECTIONAL));
    assertComesBack(new Head.Tags(3), new Encoder.Embedding(6, 3), 1, Set.of(Wiring.BIDIRECTIONAL));
    Encoder categories = new Encoder.Columns(0, List.of(new Encoder.Embedding(5, 3)));
    assertComesBack(head, categories, 1, Set.of());
  }

  @Test
  void read_ofATiedAndAFactoredText_isTheTextModelAgain() {
    List<String> tokens = List.of("a", "b", "c", "d", "\uFFFD");
    NetworkSpec tied =
        new NetworkSpec(
            Cells.lstm(),
            new Encoder.Embedding(5, 4),
            4,
            1,
            new Head.Classes(5),
            Set.of(Wiring.TIED));
    NetworkSpec factored =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(5, 3), 4, 1, new FactoredClasses(5));
    for (NetworkSpec spec : List.of(tied, factored)) {
      Model read =
          written(LanguageModel.of(network(spec), "CHAR", tokens), ExportOptions.States.IO).model();
      assertTrue(read instanceof LanguageModel, read.toString());
      assertEquals(spec.head(), read.network().spec().head());
    }
  }

  @Test
  void origin_ofAnotherNetwork_showsWhatDiffers() {
    Head head = new Head.Values(2, new Quantiles(List.of(0.1, 0.5, 0.9)));
    Network network = network(new NetworkSpec(Cells.gru(), new Encoder.Vectors(3), 4, 1, head));
    Imported read = written(NetworkModel.of(network), ExportOptions.States.IO);
    Network again = read.model().network();
    Imported.Origin origin = read.origin().orElseThrow();
    List<Parity.Row> rows = origin.compare(again, 20);
    assertTrue(rows.stream().allMatch(Parity.Row::isClose), rows::toString);
    again.parameters().matrix("weight_hh_l0").set(0, 0, 2);
    again.parameters().changed();
    assertFalse(origin.compare(again, 20).getFirst().isClose());
  }

  @Test
  void metadata_thatLie_leaveTheGraph() throws IOException {
    Head head = new Head.Values(2, new Quantiles(List.of(0.1, 0.5, 0.9)));
    Network network = network(new NetworkSpec(Cells.gru(), new Encoder.Vectors(3), 4, 1, head));
    written(NetworkModel.of(network), ExportOptions.States.IO);
    Path file = folder.resolve("model.onnx");
    ModelProto sound = ModelProto.parseFrom(Files.readAllBytes(file));
    for (String lie :
        List.of("classes=7", "classes=2000000000", "inputs=2000000000", "head=tags", "encoder=x")) {
      String[] parts = lie.split("=", -1);
      ModelProto.Builder other = sound.toBuilder().clearMetadataProps();
      sound
          .getMetadataPropsList()
          .forEach(each ->
              other.addMetadataProps(
                  each.getKey().equals("unfold." + parts[0])
                      ? StringStringEntryProto.newBuilder()
                          .setKey(each.getKey())
                          .setValue(parts[1])
                          .build()
                      : each));
      Files.write(file, other.build().toByteArray());
      Imported read = new OnnxFormat().read(file, ImportOptions.defaults(KERNELS));
      assertTrue(read.content() instanceof Imported.Content.OfGraph, lie);
      assertTrue(
          read.conventions().getLast().startsWith("written by Unfold"),
          read.conventions()::toString);
    }
  }
}
