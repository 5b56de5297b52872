package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses of numbers that are far from what they should be, or nearly there: values in 60 digits.
final class ExtremeLossesTest {
  /// Made by mpmath: the formulas of [ValueLoss] in 60 digits at numbers that float can hold. Each line has the loss,
  /// its parameter, its outputs, the target, the loss of them, its slopes, and the scales of both.
  private static final String TABLE =
      """
      huber 1 30000000 0 29999999.5 1 29999999.5 1
      huber 1 -30000000 0 29999999.5 -1 29999999.5 1
      huber 1 0.5 0 0.125 0.5 0.125 0.5
      huber 1 -1.0000000150474662e+30 0 1.0000000150474662e+30 -1 1.0000000150474662e+30 1
      huber 1 9.999999682655225e-21 0 4.99999968265523e-41 9.999999682655225e-21 4.99999968265523e-41 \
          9.999999682655225e-21
      huber 0.10000000149011612 10000000000 20000000000 1000000014.8961612 -0.10000000149011612 1000000014.8961612 \
          0.10000000149011612
      huber 1.000000013351432e-10 1.0000000200408773e+20 0 10000000333.923096 1.000000013351432e-10 \
          10000000333.923096 1.000000013351432e-10
      huber 1000000 100000 0 5000000000 100000 5000000000 100000
      sigmoid_cross_entropy - 20 1 2.061153620314381e-09 -2.0611536181902037e-09 2.061153620314381e-09 \
          2.0611536181902037e-09
      sigmoid_cross_entropy - -20 0 2.061153620314381e-09 2.0611536181902037e-09 2.061153620314381e-09 \
          2.0611536181902037e-09
      sigmoid_cross_entropy - 80 1 1.8048513878454153e-35 -1.8048513878454153e-35 1.8048513878454153e-35 \
          1.8048513878454153e-35
      sigmoid_cross_entropy - 100 1 3.720075976020836e-44 -3.720075976020836e-44 3.720075976020836e-44 \
          3.720075976020836e-44
      sigmoid_cross_entropy - -100 0 3.720075976020836e-44 3.720075976020836e-44 3.720075976020836e-44 \
          3.720075976020836e-44
      sigmoid_cross_entropy - 1.0000000150474662e+30 0 1.0000000150474662e+30 1 1.0000000150474662e+30 1
      sigmoid_cross_entropy - -1.0000000150474662e+30 0 0.0 0.0 0.0 0.0
      sigmoid_cross_entropy - 50 0.30000001192092896 34.99999940395355 0.699999988079071 34.99999940395355 \
          0.699999988079071
      sigmoid_cross_entropy - 0 1 0.6931471805599453 -0.5 0.6931471805599453 0.5
      sigmoid_cross_entropy - 5 1 0.006715348489118068 -0.0066928509242848554 0.006715348489118068 \
          0.0066928509242848554
      sigmoid_cross_entropy - -3 0 0.04858735157374206 0.04742587317756678 0.04858735157374206 0.04742587317756678
      gaussian - 0 -100 0 -49.081061466795326 0 0.5 50.918938533204674 0 0.5
      gaussian - 0 -10000 0 -4999.081061466795 0 0.5 5000.918938533205 0 0.5
      gaussian - 9.999999682655225e-21 -80 0 -39.08105869648431 554062220856475.4 0.49999722968898364 \
          40.91894130351569 554062220856475.4 0.5000027703110164
      gaussian - 0.0010000000474974513 100 0 50.918938533204674 3.7200761527149634e-47 0.5 50.918938533204674 \
          3.7200761527149634e-47 0.5
      gaussian - 10000000000 60 0 30.91893897103021 8.756510762696521e-17 0.49999956217446184 30.91893897103021 \
          8.756510762696521e-17 0.5000004378255382
      gaussian - 1000 -20 0 242582597704886.06 485165195409.7903 -242582597704894.62 242582597704906.06 \
          485165195409.7903 242582597704895.62
      gaussian - 1 0 0 1.4189385332046727 1 0 1.4189385332046727 1 1
      gaussian - 1.0000000031710769e-30 -100 0 -49.081061466795326 26881171503403.613 0.5 50.918938533204674 \
          26881171503403.613 0.5
      gaussian - 0 1000 0 500.91893853320465 0 0.5 500.91893853320465 0 0.5
      student_t 3 0 -100 0 -98.99911115037649 0 1 101.00088884962351 0 1
      student_t 3 0 -10000 0 -9998.999111150377 0 1 10001.000888849623 0 1
      student_t 1 -10000000000 -100 0 147.1964317457303 -2e-10 -1.0 347.1964317457303 2e-10 3.0
      student_t 30 -0.0010000000474974513 -60 0 1534.0682987335902 -30999.99852757908 -30.0 1654.0682987335902 \
          30999.99852757908 32.0
      student_t 3 -1.0000000031710769e-30 -100 0 22.493453125686116 -3.999999987315693e+30 -3.0 222.4934531256861 \
          3.999999987315693e+30 5.0
      student_t 3 -1 0 0 1.5762529945270716 -1 0 1.5762529945270716 1 2
      student_t 1 -1.000000013351432e-10 100 0 101.1447298858494 -2.7677930904274756e-97 1 101.1447298858494 \
          2.7677930904274756e-97 1
      student_t 1000000 -2 0.5 0 2.1546978599652964 -0.7357585354200116 -0.4715170708400232 2.1546978599652964 \
          0.7357585354200116 2.471517070840023
      student_t 0.0010000000474974513 -1.0000000200408773e+20 -60 0 53.762802612943524 -1.0009999799865797e-20 \
          -0.0010000000474974513 173.76280261294352 1.0009999799865797e-20 2.0010000000474975
      student_t 10000000000 3 1 0 2.5279473078182417 0.4060058497009864 -0.2180175491029593 2.5279473078182417 \
          0.4060058497009864 2.2180175491029592
      negative_binomial 0.5 13.815511703491211 1000000 15.234449341169254 5.727628539777316e-07 15.234449341169254 \
          0.9999989272379688
      negative_binomial 0.009999999776482582 20 10000000 20.8026524110071 0.009793884418643897 20.8026524110071 \
          0.010206115133909037
      negative_binomial 1 -80 0 1.8048513878454153e-35 1.8048513878454153e-35 1.8048513878454153e-35 \
          1.8048513878454153e-35
      negative_binomial 10000 -80 1 80.0 -1.0 98.42068074395236 1.0
      negative_binomial 10000000000 1 3 1.510041297833132 -0.28171817146437583 136.08162793961975 5.718281826904655
      negative_binomial 10000000000 24 10000000000 2284147687.715408 4518914451.043332 30010034884.556347 10000000000
      negative_binomial 0.5 60 0 30.346573590279974 0.5 30.346573590279974 0.5
      negative_binomial 10 2.0799999237060547 7 2.209817764227112 0.5578994539943193 20.89956029409469 \
          8.333746962469586
      negative_binomial 1.000000013351432e-10 0 1 23.025850918991612 -3.622271631530685e-71 23.025850918991612 \
          2.0000000265028638e-10
      negative_binomial 1 16 10000000 17.125351796406935 -0.12535173308611197 17.125351796406935 2.125351508015788
      negative_binomial 10000 9.5 10000 214.89822261036394 1438.2560439001948 27929.04405538923 10000
      negative_binomial 2 -30 5 151.673976433572 -4.999999999999672 155.2574953720281 4.99999999999986
      squared_error - 9.999999843067494e+17 0 9.999999686134991e+35 1.999999968613499e+18 9.999999686134991e+35 \
          1.999999968613499e+18
      squared_error - -9.999999682655225e-20 0 9.999999365310461e-39 -1.999999936531045e-19 9.999999365310461e-39 \
          1.999999936531045e-19
      squared_error - 3 1 4 4 4 4
      absolute_error - 9.999999933815813e+36 -9.999999933815813e+36 1.9999999867631625e+37 1 1.9999999867631625e+37 1
      absolute_error - 9.99994610111476e-41 0 9.99994610111476e-41 1 9.99994610111476e-41 1
      absolute_error - 2 5 3 -1 3 1
      quantile 0.8999999761581421 9.999999933815813e+36 -9.999999933815813e+36 2.0000004636003175e+36 \
          0.10000002384185791 2.0000004636003175e+36 0.10000002384185791
      quantile 0.8999999761581421 -1.0000000031710769e-30 0 8.999999790121112e-31 -0.8999999761581421 \
          8.999999790121112e-31 0.8999999761581421
      quantile 0.8999999761581421 2 5 2.6999999284744263 -0.8999999761581421 2.6999999284744263 0.8999999761581421
      """;

  static Stream<Kernels> backends() {
    List<Kernels> backends = new ArrayList<>();
    backends.add(TestBackends.scalar(Precision.DOUBLE));
    backends.add(TestBackends.scalar(Precision.FLOAT));
    Kernels best = TestBackends.best(Precision.FLOAT);
    if (!best.name().equals("scalar")) {
      backends.add(best);
    }
    return backends.stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void losses_ofExtremeNumbers_areThoseOfSixtyDigits(Kernels kernels) {
    check(kernels, TABLE.lines().filter(line -> !line.isBlank()).map(NumberCase::parse).toList());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void losses_ofGoldenCases_agree(Kernels kernels) throws IOException {
    GoldenFolder folder = GoldenFolder.heads();
    Optional<List<Path>> files = folder.files();
    if (files.isEmpty()) {
      System.out.println(
          "golden losses: 0 run, all skipped: no folder "
              + folder.path()
              + " ("
              + folder.variable()
              + " names it)");
    }
    Assumptions.assumeTrue(files.isPresent(), "no folder " + folder.path());
    List<NumberCase> cases = new ArrayList<>();
    int skipped = 0;
    for (Path file : files.get()) {
      GoldenCase golden = GoldenCase.read(file);
      List<GoldenCase> rows = golden.has("rows") ? golden.objects("rows") : List.of();
      skipped += rows.isEmpty() ? 1 : 0;
      rows.forEach(row -> cases.add(NumberCase.read(row)));
    }
    System.out.printf(
        "golden losses: %s %s: %d run, %d files of other sorts left out%n",
        kernels.name(), kernels.precision(), cases.size(), skipped);
    assertFalse(cases.isEmpty() && folder.isDefault(), "no losses in " + folder.path());
    check(kernels, cases);
  }

  /// Each loss alone and several in a row.
  private static void check(Kernels kernels, List<NumberCase> cases) {
    Map<ValueLoss, List<NumberCase>> byLoss = new LinkedHashMap<>();
    cases.forEach(own -> byLoss.computeIfAbsent(own.loss(), _ -> new ArrayList<>()).add(own));
    for (List<NumberCase> own : byLoss.values()) {
      NumberCase.check(kernels, own, 1);
      NumberCase.check(kernels, own, 5);
    }
  }
}
