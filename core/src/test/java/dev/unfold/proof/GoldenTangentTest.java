package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/// What tangents give against numbers of others: second derivatives, and Newton's method in time. What a case is says
/// its content, not its name.
final class GoldenTangentTest {
  private static final Set<String> KINDS = Set.of("second order", "Newton in time");

  private final GoldenFolder folder = GoldenFolder.online();
  private final List<Kernels> backends = backends();
  private final Map<String, Integer> skipped = new LinkedHashMap<>();
  private final Set<String> kinds = new TreeSet<>();
  private final Map<String, Double> largest = new TreeMap<>();
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
  Stream<DynamicNode> tangents_ofEveryGoldenCase_agree() throws IOException {
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      String reason = "no folder %s (%s names it)".formatted(folder.path(), folder.variable());
      System.out.println("golden tangents: 0 run, all skipped: " + reason);
      return Stream.of(skip("all", reason));
    }
    assertFalse(files.get().isEmpty(), () -> folder.path() + ": expected cases, got none");
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path file : files.get()) {
      nodes.add(node(file));
    }
    nodes.add(dynamicTest("summary", this::summary));
    return nodes.stream();
  }

  private DynamicNode node(Path file) {
    String name = file.getFileName().toString();
    try {
      GoldenCase golden = GoldenCase.read(file);
      if (golden.has("hessian_vector")) {
        return tests(name, new SecondOrderProof(golden));
      }
      if (golden.has("newton")) {
        return tests(name, new NewtonProof(golden));
      }
      return skip(name, "nothing that tangents give");
    } catch (Unsupported e) {
      return skip(name, e.getMessage());
    }
  }

  private DynamicNode tests(String name, GoldenProof proof) {
    return DynamicContainer.dynamicContainer(
        name,
        backends.stream()
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

  private DynamicNode skip(String name, String reason) {
    skipped.merge(reason, 1, Integer::sum);
    return dynamicTest(
        name,
        () -> {
          throw new TestAbortedException(reason);
        });
  }

  private void summary() {
    int count = skipped.values().stream().mapToInt(Integer::intValue).sum();
    System.out.println("golden tangents: " + run + " run, " + count + " skipped " + skipped);
    System.out.println("golden tangents: largest errors " + largest);
    if (folder.isDefault()) {
      assertTrue(
          kinds.containsAll(KINDS),
          () -> folder.path() + ": expected cases of each of " + KINDS + ", got " + kinds);
    }
  }
}
