package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Agreement with another framework, case by case: what a case's fields describe and the library can do is
/// run on every backend; what it can't do is skipped with the reason. The name of a case decides nothing.
final class GoldenTest {
  private static final Set<String> KINDS =
      Set.of("step losses", "error signals", "truncated windows", "training", "loss function");

  private final GoldenFolder folder = GoldenFolder.locate();
  private final List<Kernels> backends = backends();
  private final Map<String, Integer> skipped = new LinkedHashMap<>();
  private final Set<String> kinds = new TreeSet<>();
  private final Map<String, Double> largest = new TreeMap<>();
  private int run;

  @TempDir private Path temporary;

  private static List<Kernels> backends() {
    List<Kernels> backends = new ArrayList<>();
    backends.add(TestBackends.scalar(Precision.DOUBLE));
    backends.add(TestBackends.scalar(Precision.FLOAT));
    Kernels best = TestBackends.best(Precision.FLOAT);
    if (!best.name().equals("scalar")) {
      backends.add(best);
    }
    return backends;
  }

  @TestFactory
  Stream<DynamicNode> networks_ofEveryGoldenCase_agree() throws IOException {
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      String reason = "no folder " + folder.path() + " (" + GoldenFolder.VARIABLE + " names it)";
      System.out.println("golden: 0 run, all skipped: " + reason);
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

  /// A case of our own, since those that PyTorch made have no projection: beside it is the program that made it.
  @TestFactory
  DynamicNode network_withAProjection_agreesWithItsFormulas() throws URISyntaxException {
    URL file = GoldenTest.class.getResource("golden/lstm_projected_2layer.json");
    return tests("projection", new StepLosses(GoldenCase.read(Path.of(file.toURI()))));
  }

  /// Cases of our own for what those of PyTorch do not use of `torch.optim`: beside them is the program that made them.
  @TestFactory
  Stream<DynamicNode> training_withEveryOptionThatThereIs_agreesWithItsFormulas()
      throws IOException, URISyntaxException {
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path file : ownTraining()) {
      nodes.add(tests(file.getFileName().toString(), new TrainingSteps(GoldenCase.read(file))));
    }
    assertEquals(7, nodes.size());
    return nodes.stream();
  }

  private static List<Path> ownTraining() throws IOException, URISyntaxException {
    URL folder = GoldenTest.class.getResource("golden");
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files
          .filter(file -> file.getFileName().toString().matches("train_.*json"))
          .sorted()
          .toList();
    }
  }

  /// A case that is skipped says for which option; with the option off it is run.
  @ParameterizedTest
  @CsvSource({
    "Adam, amsgrad, true, there is no amsgrad for Adam",
    "Adam, weight_decay, 0.1, there is no weight_decay in the gradient of Adam",
    "AdamW, maximize, true, there is no maximize for AdamW",
    "RMSprop, momentum, 0.9, there is no momentum for RMSprop",
    "RMSprop, centered, true, there is no centered for RMSprop",
    "Adagrad, lr_decay, 0.1, there is no lr_decay for Adagrad",
    "Adagrad, initial_accumulator_value, 0.1, there is no initial_accumulator_value for Adagrad",
    "Adagrad, weight_decay, 0.1, there is no weight_decay in the gradient of Adagrad",
    "SGD, weight_decay, 0.1, there is no weight_decay in the gradient of SGD",
    "SGD, unheard_of, 0.1, unknown field optimizer_options.unheard_of",
    "LBFGS, lr, 0.1, there is no LBFGS"
  })
  void training_withAnOptionThatThereIsNot_isSkippedByItsName(
      String optimizer, String option, String value, String reason) throws Exception {
    String text = Files.readString(ownTraining().getFirst());
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode golden = (ObjectNode) mapper.readTree(text);
    golden.put("optimizer", optimizer);
    ObjectNode options = golden.putObject("optimizer_options");
    options.put("lr", 0.1);
    if (optimizer.equals("SGD")) {
      options.put("momentum", 0.5);
    }
    options.set(option, mapper.readTree(value));
    Path file = Files.writeString(temporary.resolve("case.json"), golden.toString());
    String message =
        assertThrows(Unsupported.class, () -> new TrainingSteps(GoldenCase.read(file)))
            .getMessage();
    assertTrue(message.endsWith(reason), message);
    if (!optimizer.equals("LBFGS") && !option.equals("unheard_of")) {
      options.set(option, mapper.readTree(value.equals("true") ? "false" : "0"));
      Files.writeString(file, golden.toString());
      new TrainingSteps(GoldenCase.read(file));
    }
  }

  private DynamicNode node(Path file) {
    String name = file.getFileName().toString();
    try {
      GoldenCase golden = GoldenCase.read(file);
      if (golden.has("window") && golden.has("grads")) {
        return tests(name, new TruncatedWindows(golden));
      }
      if (golden.has("optimizer")) {
        return tests(name, new TrainingSteps(golden));
      }
      if (golden.has("delta") && golden.has("per_step_gradients")) {
        return tests(name, new PairwiseSignals(golden));
      }
      if (golden.has("logits") && golden.has("grads")) {
        return tests(name, new StepLosses(golden));
      }
      return lossFunctions(name, golden);
    } catch (Unsupported e) {
      return skip(name, e.getMessage());
    }
  }

  private DynamicNode lossFunctions(String name, GoldenCase golden) {
    List<DynamicNode> nodes = new ArrayList<>();
    for (String field : golden.fields()) {
      if (golden.hasObject(field) && golden.object(field).has("raw")) {
        nodes.add(lossFunction(name, field, golden.object(field)));
      } else if (!field.equals("name")) {
        throw new Unsupported("fields " + golden.fields() + ": no known sort of case");
      }
    }
    if (nodes.isEmpty()) {
      throw new Unsupported("fields " + golden.fields() + ": no known sort of case");
    }
    return DynamicContainer.dynamicContainer(name, nodes);
  }

  /// Loss functions differ in their names alone, which here are fields.
  private DynamicNode lossFunction(String name, String field, GoldenCase golden) {
    try {
      if (field.equals("cross_entropy_soft_targets")) {
        return tests(name + " " + field, new SoftTargets(golden));
      }
      if (golden.has("target_lengths")) {
        return tests(name + " " + field, new LabelTargets(golden));
      }
      return tests(name + " " + field, new ValueTargets(field, golden));
    } catch (Unsupported e) {
      return skip(name + " " + field, e.getMessage());
    }
  }

  private DynamicNode tests(String name, GoldenProof proof) {
    Function<Kernels, DynamicNode> test =
        kernels ->
            dynamicTest(kernels.name() + " " + kernels.precision(), () -> run(proof, kernels));
    return DynamicContainer.dynamicContainer(name, backends.stream().map(test));
  }

  private void run(GoldenProof proof, Kernels kernels) {
    if (kernels.precision() == Precision.DOUBLE) {
      run++;
      kinds.add(proof.kind());
    }
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
    System.out.println("golden: " + run + " run, " + count + " skipped " + skipped);
    System.out.println("golden: largest errors " + largest);
    if (folder.isDefault()) {
      assertTrue(
          kinds.containsAll(KINDS),
          () -> folder.path() + ": expected cases of each of " + KINDS + ", got " + kinds);
    }
  }
}
