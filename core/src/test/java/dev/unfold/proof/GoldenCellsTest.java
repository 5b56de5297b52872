package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/// Cells against numbers of others, found by complex steps: outputs and the derivatives of all parameters and of the
/// input. What a case is says its content, not its name.
final class GoldenCellsTest {
  private static final Set<String> KINDS = Set.of("slstm", "rg_lru", "lru", "mlstm", "gated_delta");

  private final GoldenFolder folder = GoldenFolder.online();
  private final Set<String> kinds = new TreeSet<>();
  private final Set<String> skipped = new TreeSet<>();
  private final TreeMap<String, Double> largest = new TreeMap<>();
  private int run;

  private static List<Kernels> backends() {
    List<Kernels> backends = new ArrayList<>();
    for (Precision precision : List.of(Precision.DOUBLE, Precision.FLOAT)) {
      backends.add(TestBackends.scalar(precision));
      Kernels best = TestBackends.best(precision);
      if (!best.name().equals("scalar")) {
        backends.add(best);
      }
    }
    return backends;
  }

  @TestFactory
  Stream<DynamicNode> cells_ofEveryGoldenCase_agree() throws IOException {
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      String reason = "no folder %s (%s names it)".formatted(folder.path(), folder.variable());
      System.out.println("golden cells: 0 run, all skipped: " + reason);
      return Stream.of(skip("all", reason));
    }
    assertFalse(files.get().isEmpty(), () -> folder.path() + ": expected cases, got none");
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path file : files.get()) {
      node(file).ifPresent(nodes::add);
    }
    nodes.add(dynamicTest("summary", this::summary));
    return nodes.stream();
  }

  /// Nothing for cases of something else than a cell's gradients.
  private Optional<DynamicNode> node(Path file) {
    String name = file.getFileName().toString();
    try {
      GoldenCase golden = GoldenCase.read(file);
      if (golden.has("output_weights")) {
        return Optional.of(tests(name, new CellOutputs(golden)));
      }
      if (golden.has("cell") && golden.text("cell").equals("lru") && golden.has("grads")) {
        return Optional.of(tests(name, new ComplexDiagonal(golden)));
      }
      return Optional.empty();
    } catch (Unsupported e) {
      skipped.add(e.getMessage());
      return Optional.of(skip(name, e.getMessage()));
    }
  }

  private DynamicNode tests(String name, GoldenProof proof) {
    return DynamicContainer.dynamicContainer(
        name,
        backends().stream()
            .map(kernels ->
                dynamicTest(
                    kernels.name() + " " + kernels.precision(), () -> run(proof, kernels))));
  }

  private void run(GoldenProof proof, Kernels kernels) {
    run++;
    kinds.add(proof.kind());
    Comparison comparison = new Comparison(kernels.precision());
    proof.run(kernels, comparison);
    largest.merge(kernels.name() + " " + kernels.precision(), comparison.largest(), Math::max);
  }

  private static DynamicNode skip(String name, String reason) {
    return dynamicTest(
        name,
        () -> {
          throw new TestAbortedException(reason);
        });
  }

  private void summary() {
    System.out.println("golden cells: " + run + " run, skipped " + skipped);
    System.out.println("golden cells: largest errors " + largest);
    if (folder.isDefault()) {
      assertTrue(
          kinds.containsAll(KINDS),
          () -> folder.path() + ": expected cases of each of " + KINDS + ", got " + kinds);
    }
  }
}
