package dev.unfold.formats.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.onnx.OnnxFormat;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is written of a network is read as that network.
final class ExportedTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);
  private static final int STEPS = 16;

  @TempDir private Path folder;

  /// Functions of parameters alone are numbers in a file, and a vector that is added to a map is its bias: which
  /// parameters they come from, the file does not say. Matrices of heads are taken apart by `Reshape`, which is not
  /// looked for in a cell.
  private static final Set<String> AS_GRAPHS =
      Set.of("cornn", "fastgrnn", "gated_delta", "hgrn", "lru", "mlstm", "rg_lru", "unicornn");

  static Stream<String> cells() {
    return Cells.names().stream().filter(name -> !AS_GRAPHS.contains(name));
  }

  static Stream<String> others() {
    return AS_GRAPHS.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("others")
  void read_ofACellThatIsNotFoundInTheFile_isAGraph(String name) {
    Head head = new Head.Classes(6);
    NetworkSpec spec = new NetworkSpec(Cells.named(name), new Encoder.Vectors(3), 4, 1, head);
    Path file = folder.resolve("model.onnx");
    OnnxFormat format = new OnnxFormat();
    format.write(file, NetworkModel.of(Network.create(spec, KERNELS, 5)), ExportOptions.defaults());
    Imported imported = format.read(file, ImportOptions.defaults(KERNELS));
    assertTrue(imported.content() instanceof Imported.Content.OfGraph, name);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void read_ofAnExportedNetwork_isThatNetwork(String name) {
    Cell cell = Cells.named(name);
    boolean keepsSize = cell.sizeLetters().isEmpty();
    NetworkSpec forward =
        new NetworkSpec(
            cell,
            new Encoder.Embedding(7, 5),
            4,
            keepsSize ? 2 : 1,
            new Head.Classes(6),
            keepsSize ? Set.of(Wiring.RESIDUAL) : Set.of());
    expectSame(forward, ExportOptions.States.IO, name);
    NetworkSpec both =
        new NetworkSpec(
            cell, new Encoder.Vectors(3), 4, 1, new Head.Sets(5), Set.of(Wiring.BIDIRECTIONAL));
    expectSame(both, ExportOptions.States.NONE, name + ", both directions");
  }

  private void expectSame(NetworkSpec spec, ExportOptions.States states, String what) {
    Network network = Network.create(spec, KERNELS, 5);
    Path file = folder.resolve("model.onnx");
    OnnxFormat format = new OnnxFormat();
    ExportOptions options = new ExportOptions(states, OptionalInt.empty(), Optional.empty());
    format.write(file, NetworkModel.of(network), options);
    Imported imported = format.read(file, ImportOptions.defaults(KERNELS));
    assertTrue(
        imported.content() instanceof Imported.Content.OfModel,
        what + ": " + imported.conventions());
    Network read = imported.model().network();
    assertEquals(spec.cellNames(), read.spec().cellNames(), what);
    assertEquals(spec.head(), read.spec().head(), what);
    assertEquals(spec.wiring(), read.spec().wiring(), what);
    List<Parity.Row> rows =
        Parity.of(network, read, Parity.input(spec.encoder(), KERNELS, STEPS, 2), STEPS);
    assertTrue(rows.stream().allMatch(row -> row.relative() <= 1e-6), what + ": " + rows);
  }
}
