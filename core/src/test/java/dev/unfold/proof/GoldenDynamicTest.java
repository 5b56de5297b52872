package dev.unfold.proof;

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
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/// Dynamic evaluation against numbers that others computed. What a case is says its content, not its name.
final class GoldenDynamicTest {
  private static final Set<String> KINDS = Set.of("dynamic sgd", "dynamic rms");

  private final GoldenFolder folder = GoldenFolder.online();
  private final Set<String> kinds = new TreeSet<>();
  private int run;
  private double largest;

  @TestFactory
  Stream<DynamicNode> segments_ofEveryGoldenCase_agree() throws IOException {
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      String reason = "no folder %s (%s names it)".formatted(folder.path(), folder.variable());
      System.out.println("golden dynamic evaluation: 0 run, all skipped: " + reason);
      return Stream.of(
          dynamicTest(
              "all",
              () -> {
                throw new TestAbortedException(reason);
              }));
    }
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path file : files.get()) {
      GoldenCase golden = GoldenCase.read(file);
      if (golden.has("segment") && golden.has("segment_losses")) {
        nodes.add(tests(file.getFileName().toString(), new DynamicSegments(golden)));
      }
    }
    nodes.add(dynamicTest("summary", this::summary));
    return nodes.stream();
  }

  private DynamicNode tests(String name, GoldenProof proof) {
    List<DynamicNode> all = new ArrayList<>();
    for (Precision precision : List.of(Precision.DOUBLE, Precision.FLOAT)) {
      Kernels scalar = TestBackends.scalar(precision);
      Kernels best = TestBackends.best(precision);
      List<Kernels> backends =
          best.name().equals(scalar.name()) ? List.of(scalar) : List.of(scalar, best);
      for (Kernels kernels : backends) {
        all.add(dynamicTest(kernels.name() + " " + kernels.precision(), () -> run(proof, kernels)));
      }
    }
    return DynamicContainer.dynamicContainer(name, all);
  }

  private void run(GoldenProof proof, Kernels kernels) {
    Comparison comparison = new Comparison(kernels.precision());
    proof.run(kernels, comparison);
    if (kernels.precision() == Precision.DOUBLE) {
      run++;
      kinds.add(proof.kind());
      largest = Math.max(largest, comparison.largest());
    }
  }

  private void summary() {
    System.out.printf(
        "golden dynamic evaluation: %d run in double, largest error %.1e%n", run, largest);
    if (folder.isDefault()) {
      assertTrue(
          kinds.containsAll(KINDS),
          () -> folder.path() + ": expected cases of each of " + KINDS + ", got " + kinds);
    }
  }
}
