package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import dev.unfold.online.OnlineRule;
import dev.unfold.online.Signs;
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
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.opentest4j.TestAbortedException;

/// Agreement of online gradients with those that others computed, case by case. A case's fields say what it is of; the
/// name decides nothing.
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class GoldenOnlineTest {
  private static final Set<String> KINDS =
      Set.of(
          "rtrl",
          "layerwise",
          "snap1",
          "snap1_unit",
          "eprop",
          "rflo",
          "uoro",
          "kf_rtrl",
          "all signs of uoro",
          "all signs of kf_rtrl",
          "trace",
          "online sgd");

  private final GoldenFolder folder = GoldenFolder.online();
  private final Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
  private final Map<String, Integer> skipped = new LinkedHashMap<>();
  private final Set<String> kinds = new TreeSet<>();
  private final Map<String, Double> largest = new TreeMap<>();

  private interface Proof {
    void run(Comparison comparison);
  }

  @TestFactory
  Stream<DynamicNode> onlineGradients_ofEveryGoldenCase_agree() throws IOException {
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      String reason = "no folder " + folder.path() + " (" + folder.variable() + " names it)";
      System.out.println("golden online: 0 run, all skipped: " + reason);
      return Stream.of(skip("all", reason));
    }
    assertFalse(files.get().isEmpty(), () -> folder.path() + ": expected cases, got none");
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path file : files.get()) {
      nodes.addAll(nodes(file));
    }
    nodes.add(dynamicTest("summary", this::summary));
    return nodes.stream();
  }

  private List<DynamicNode> nodes(Path file) {
    String name = file.getFileName().toString();
    try {
      GoldenCase golden = GoldenCase.read(file);
      Map<String, Proof> proofs = golden.has("targets") ? proofs(golden) : Map.of();
      if (proofs.isEmpty()) {
        throw new Unsupported("no online gradients");
      }
      List<DynamicNode> nodes = new ArrayList<>();
      proofs.forEach((kind, proof) -> nodes.add(node(name, kind, proof)));
      return nodes;
    } catch (Unsupported e) {
      return List.of(skip(name, e.getMessage()));
    }
  }

  private DynamicNode node(String name, String kind, Proof proof) {
    return dynamicTest(
        name + ": " + kind,
        () -> {
          Comparison comparison = new Comparison(Precision.DOUBLE);
          proof.run(comparison);
          kinds.add(kind);
          largest.merge(kind, comparison.largest(), Math::max);
        });
  }

  /// What a case proves, by kind.
  private Map<String, Proof> proofs(GoldenCase golden) {
    Map<String, Proof> proofs = new LinkedHashMap<>();
    boolean isOfSteps = golden.has("per_step_gradients");
    if (golden.has("influence") && isOfSteps) {
      OnlineCase own = new OnlineCase(golden);
      proofs.put("rtrl", comparison -> rtrl(own, golden, comparison));
    }
    if (golden.hasObject("layerwise")) {
      OnlineCase own = new OnlineCase(golden);
      OnlineRule rule = new OnlineRule.Rtrl(true);
      GoldenCase expected = golden.object("layerwise");
      proofs.put("layerwise", c -> own.compare(kernels, rule, expected, c, 2));
    }
    for (String part : List.of("snap1", "snap1_unit")) {
      if (golden.hasObject(part) && golden.object(part).has("per_step_gradients")) {
        OnlineCase own = new OnlineCase(golden);
        OnlineRule rule = new OnlineRule.SnAp1(part.equals("snap1"));
        GoldenCase expected = golden.object(part);
        proofs.put(part, c -> traces(own, rule, expected, "influence_last", c));
      }
    }
    if (golden.hasObject("eprop")) {
      OnlineCase own = new OnlineCase(golden);
      GoldenCase expected = golden.object("eprop");
      proofs.put("eprop", c -> traces(own, new OnlineRule.EProp(), expected, "trace_last", c));
    }
    if (golden.hasObject("rflo")) {
      OnlineCase own = new OnlineCase(golden);
      GoldenCase expected = golden.object("rflo");
      GoldenTensor weights = expected.tensor("feedback");
      int outputs = weights.shape().getLast();
      OnlineRule rule = new OnlineRule.Rflo((unit, k) -> weights.data()[unit * outputs + k]);
      proofs.put("rflo", c -> own.compare(kernels, rule, expected, c, 1));
    }
    if (golden.has("levels")) {
      for (GoldenCase level : golden.objects("levels")) {
        OnlineCase own = new OnlineCase(golden);
        OnlineRule rule = new OnlineRule.SnApN(level.size("n"));
        proofs.put("snap" + level.size("n"), c -> reached(own, rule, level, c));
      }
    }
    addRandom(golden, proofs);
    if (golden.has("trace") && isOfSteps) {
      OnlineCase own = new OnlineCase(golden);
      proofs.put("trace", comparison -> diagonal(own, golden, comparison));
    }
    if (golden.has("every") && golden.has("rate")) {
      proofs.put("online sgd", comparison -> online(golden, comparison));
    }
    return proofs;
  }

  private void addRandom(GoldenCase golden, Map<String, Proof> proofs) {
    for (String kind : List.of("uoro", "kf_rtrl")) {
      if (golden.hasObject(kind)) {
        OnlineCase own = new OnlineCase(golden);
        int count = kind.equals("uoro") ? own.states : 2;
        double[] signs = golden.signs("signs", own.steps, own.batch, count);
        Signs given = (step, b, i) -> signs[((int) step * own.batch + b) * count + i] > 0;
        proofs.put(kind, c -> random(own, rule(kind, given), golden.object(kind), kind, c));
      }
      if (golden.has("exact_per_step_gradients") && golden.text("algorithm").equals(kind)) {
        OnlineCase own = new OnlineCase(golden);
        proofs.put("all signs of " + kind, c -> mean(own, golden, kind, c));
      }
    }
  }

  private static OnlineRule rule(String kind, Signs signs) {
    return kind.equals("uoro") ? new OnlineRule.Uoro(signs) : new OnlineRule.KfRtrl(signs);
  }

  private void rtrl(OnlineCase own, GoldenCase golden, Comparison comparison) {
    Map<String, GoldenTensor> influence = golden.tensors("influence");
    OnlineRule rule = new OnlineRule.Rtrl(false);
    own.compare(kernels, rule, golden, comparison, 2);
    double[] errors = golden.tensor("errors", own.steps, own.batch).data();
    own.run(
        kernels,
        rule,
        1,
        (t, run) -> {
          for (int b = 0; b < own.batch; b++) {
            double expected = errors[t * own.batch + b];
            comparison.compare("E_" + t, expected, run.online.losses()[b]);
          }
          Map<String, GoldenTensor> atStep = new LinkedHashMap<>();
          influence.forEach((name, all) -> atStep.put(name, all.part(t)));
          own.compareInfluence("step " + t, run, atStep, comparison);
        });
  }

  private void traces(
      OnlineCase own, OnlineRule rule, GoldenCase expected, String field, Comparison comparison) {
    OnlineCase.Run run = own.compare(kernels, rule, expected, comparison, 2);
    if (expected.has(field)) {
      own.compareInfluence(field, run, expected.tensors(field), comparison);
    }
  }

  /// What is kept is no more than the numbers that the case counts.
  private void reached(
      OnlineCase own, OnlineRule rule, GoldenCase expected, Comparison comparison) {
    OnlineCase.Run run = own.run(kernels, rule, 2, (t, each) -> {});
    GoldenNetwork.compare("grads", expected.tensors("grads"), run.gradients, comparison);
    assertEquals((long) expected.size("kept") * own.batch * Double.BYTES, run.online.bytes());
  }

  /// The influence of both rules is a product of two factors.
  private void random(
      OnlineCase own, OnlineRule rule, GoldenCase expected, String kind, Comparison comparison) {
    own.compare(kernels, rule, expected, comparison, 1);
    if (kind.equals("uoro")) {
      GoldenTensor states = expected.tensor("s_tilde", own.steps, own.batch, own.states);
      Map<String, GoldenTensor> parameters = expected.tensors("theta_tilde");
      own.run(
          kernels,
          rule,
          1,
          (t, run) -> {
            Map<String, GoldenTensor> products = new LinkedHashMap<>();
            parameters.forEach(
                (name, all) -> products.put(name, outer(own, states.part(t), all.part(t))));
            own.compareInfluence("step " + t, run, products, comparison);
          });
    }
  }

  private static GoldenTensor outer(OnlineCase own, GoldenTensor states, GoldenTensor parameters) {
    int count = parameters.data().length / own.batch;
    double[] product = new double[own.batch * own.states * count];
    for (int b = 0; b < own.batch; b++) {
      for (int s = 0; s < own.states; s++) {
        for (int p = 0; p < count; p++) {
          double state = states.data()[b * own.states + s];
          product[(b * own.states + s) * count + p] = state * parameters.data()[b * count + p];
        }
      }
    }
    return new GoldenTensor(List.of(own.batch, own.states, count), product);
  }

  /// Over all patterns of signs the gradients of each step are the exact ones in the mean.
  private void mean(OnlineCase own, GoldenCase golden, String kind, Comparison comparison) {
    int count = kind.equals("uoro") ? own.states : 2;
    int patterns = 1 << (own.steps * count);
    int[] pattern = new int[1];
    Signs given =
        (step, b, i) -> {
          int bit = (int) (step % own.steps) * count + i;
          return ((pattern[0] >> bit) & 1) == 1;
        };
    OnlineCase.Run run = own.new Run(kernels, rule(kind, given), 1);
    List<Parameters> sums = Stream.generate(run.gradients::zeros).limit(own.steps).toList();
    for (; pattern[0] < patterns; pattern[0]++) {
      run.restart();
      for (int t = 0; t < own.steps; t++) {
        run.gradients.buffer().clear();
        run.step(t);
        OnlineCase.add(run.gradients, sums.get(t));
      }
    }
    Map<String, GoldenTensor> exact = golden.tensors("exact_per_step_gradients");
    for (int t = 0; t < own.steps; t++) {
      Parameters sum = sums.get(t);
      for (Map.Entry<String, GoldenTensor> entry : exact.entrySet()) {
        Matrix mean = sum.matrix(entry.getKey());
        for (int r = 0; r < mean.rows(); r++) {
          for (int c = 0; c < mean.cols(); c++) {
            Numbers.set(mean, r, c, Numbers.get(mean, r, c) / patterns);
          }
        }
        comparison.compare("mean " + t + " " + entry.getKey(), entry.getValue().part(t), mean);
      }
    }
  }

  /// Each parameter keeps a number for its own unit; for all others J is zero.
  private void diagonal(OnlineCase own, GoldenCase golden, Comparison comparison) {
    Map<String, GoldenTensor> traces = golden.tensors("trace");
    OnlineRule rule = new OnlineRule.Rtrl(false);
    OnlineCase.Run last = own.compare(kernels, rule, golden, comparison, 2);
    assertTrue(last.online.bytes() < 8L * own.batch * own.states * 64);
    int units = own.network.spec().hidden();
    own.run(
        kernels,
        rule,
        1,
        (t, run) ->
            traces.forEach((name, all) -> {
              GoldenTensor atStep = all.part(t);
              for (int b = 0; b < own.batch; b++) {
                Matrix influence = run.online.influence(b);
                double[] expected = atStep.part(b).data();
                int width = all.shape().size() > 3 ? all.shape().getLast() : 1;
                double[] got = new double[expected.length];
                int from = run.online.firstColumn(name);
                for (int p = 0; p < got.length; p++) {
                  got[p] = Numbers.get(influence, p / width % units, from + p);
                }
                comparison.compare(name + " at " + t, expected, got);
              }
            }));
  }

  /// Parameters change while the sequence runs; J is not made anew.
  private void online(GoldenCase golden, Comparison comparison) {
    for (String part : List.of("rtrl", "snap1")) {
      OnlineCase own = new OnlineCase(golden);
      GoldenCase expected = golden.object(part);
      OnlineRule rule =
          part.equals("rtrl") ? new OnlineRule.Rtrl(false) : new OnlineRule.SnAp1(true);
      OnlineCase.Run run = own.new Run(kernels, rule, 2);
      int every = golden.size("every");
      double[] first = expected.tensor("first_weight_after").data();
      double[] errors = expected.tensor("errors").data();
      int updates = 0;
      for (int t = 0; t < own.steps; t++) {
        run.step(t);
        for (int b = 0; b < own.batch; b++) {
          double error = errors[t * own.batch + b];
          comparison.compare("E_" + t, error, run.online.losses()[b]);
        }
        if ((t + 1) % every == 0) {
          descend(run, golden.number("rate"));
          double weight = Numbers.get(run.built.parameters().matrix("weight_ih_l0"), 0, 0);
          comparison.compare("first weight", first[updates++], weight);
        }
      }
      assertEquals(first.length, updates);
      Map<String, GoldenTensor> last = expected.tensors("final_params");
      GoldenNetwork.compare("final", last, run.built.parameters(), comparison);
      if (expected.has("final_influence")) {
        Map<String, GoldenTensor> influence = expected.tensors("final_influence");
        own.compareInfluence("final", run, influence, comparison);
      }
    }
  }

  private static void descend(OnlineCase.Run run, double rate) {
    Parameters parameters = run.built.parameters();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      Matrix own = parameters.matrix(tensor.name());
      Matrix gradient = run.gradients.matrix(tensor.name());
      for (int r = 0; r < own.rows(); r++) {
        for (int c = 0; c < own.cols(); c++) {
          double number = Numbers.get(own, r, c) - rate * Numbers.get(gradient, r, c);
          Numbers.set(own, r, c, number);
        }
      }
    }
    parameters.changed();
    run.gradients.buffer().clear(0, run.gradients.buffer().length());
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
    System.out.println("golden online: kinds " + kinds + ", " + count + " skipped " + skipped);
    System.out.println("golden online: largest errors " + largest);
    if (folder.isDefault()) {
      assertTrue(
          kinds.containsAll(KINDS),
          () -> folder.path() + ": expected cases of each of " + KINDS + ", got " + kinds);
    }
  }
}
