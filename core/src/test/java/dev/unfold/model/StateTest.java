package dev.unfold.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.proof.TestBackends;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The state as a value: taken after some steps, given to another network, cut anywhere.
final class StateTest {
  private static final int T = 7;
  private static final int B = 3;
  private static final int I = 5;
  private static final int H = 17;
  private static final int K = 4;

  private final Team team = Team.of(2);

  static Stream<Kernels> backends() {
    return Stream.of(
        TestBackends.scalar(Precision.DOUBLE),
        TestBackends.scalar(Precision.FLOAT),
        TestBackends.best(Precision.FLOAT));
  }

  private static Network network(Cell cell, int layers, Kernels kernels) {
    return Network.create(new NetworkSpec(cell, new Encoder.Vectors(I), H, layers, K), kernels, 3);
  }

  /// Runs steps `from` to `to` of a sequence that is the same for all.
  private UnrolledNetwork run(Network network, int from, int to, State start) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, to - from, B);
    Random random = new Random(8);
    for (int i = 0; i < from * B * I; i++) {
      random.nextDouble();
    }
    Matrix input = unrolled.input();
    for (int r = 0; r < input.rows(); r++) {
      for (int c = 0; c < I; c++) {
        input.set(r, c, random.nextDouble());
      }
    }
    if (start != null) {
      unrolled.start(start);
    }
    unrolled.forward();
    return unrolled;
  }

  private static double[] numbers(UnrolledNetwork unrolled) {
    return Stream.of(unrolled.output(0), unrolled.output(1), unrolled.logits())
        .flatMapToDouble(matrix -> Arrays.stream(matrix(matrix)))
        .toArray();
  }

  private static double[] matrix(Matrix matrix) {
    double[] values = new double[matrix.rows() * matrix.cols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix.get(i / matrix.cols(), i % matrix.cols());
    }
    return values;
  }

  private static double[] numbers(State state) {
    return state.layers().stream()
        .flatMap(List::stream)
        .flatMapToDouble(matrix -> Arrays.stream(matrix(matrix)))
        .toArray();
  }

  /// Rows of the whole sequence's outputs from step `from` to step `to`.
  private static double[] part(UnrolledNetwork whole, int from, int to) {
    return Stream.of(whole.output(0), whole.output(1), whole.logits())
        .flatMapToDouble(m -> Arrays.stream(matrix(m.rows(from * B, (to - from) * B))))
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void outputs_ofASequenceCutInTwo_areTheSameBits(Kernels kernels) {
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru())) {
      Network network = network(cell, 2, kernels);
      UnrolledNetwork whole = run(network, 0, T, null);
      for (int cut = 1; cut < T; cut++) {
        UnrolledNetwork first = run(network, 0, cut, null);
        UnrolledNetwork second = run(network, cut, T, first.finalState());
        String what = cell.name() + " cut at " + cut;
        assertArrayEquals(part(whole, 0, cut), numbers(first), what);
        assertArrayEquals(part(whole, cut, T), numbers(second), what);
        assertArrayEquals(numbers(whole.finalState()), numbers(second.finalState()), what);
      }
    }
  }

  @Test
  void startAfter_anotherUnrolledNetwork_isTheSameAsItsFinalState() {
    Network network = network(Cells.lstm(), 2, TestBackends.best(Precision.FLOAT));
    UnrolledNetwork first = run(network, 0, 3, null);
    UnrolledNetwork byState = run(network, 3, T, first.finalState());
    UnrolledNetwork after = run(network, 3, T, null);
    after.startAfter(first);
    after.forward();
    assertArrayEquals(numbers(byState), numbers(after));
  }

  @Test
  void startAfter_itself_goesOnWhereItEndedAndZeroBeginsAnew() {
    Network network = network(Cells.gru(), 2, TestBackends.best(Precision.FLOAT));
    UnrolledNetwork step = run(network, 0, 2, null);
    State state = step.finalState();
    step.startAfter(step);
    step.forward();
    assertArrayEquals(numbers(run(network, 0, 2, state)), numbers(step));
    step.startFromZero();
    step.forward();
    assertArrayEquals(numbers(run(network, 0, 2, null)), numbers(step));
  }

  @Test
  void finalState_isAValueOfItsOwn() {
    Network network = network(Cells.lstm(), 2, TestBackends.best(Precision.FLOAT));
    UnrolledNetwork unrolled = run(network, 0, 3, null);
    State state = unrolled.finalState();
    double[] before = numbers(state);
    unrolled.startAfter(unrolled);
    unrolled.forward();
    assertArrayEquals(before, numbers(state));
  }

  @Test
  void start_fromRowsOfALargerMatrix_takesTheRightNumbers() {
    Network network = network(Cells.elman(Activation.TANH), 1, kernels());
    HostBuffer buffer = HostBuffer.allocate(ElementType.FLOAT64, 2L * B * H);
    for (int i = 0; i < buffer.length(); i++) {
      buffer.set(i, Math.sin(i));
    }
    Matrix wide = Matrix.of(buffer, 0, B, H, 2 * H);
    Matrix dense = Matrix.allocate(ElementType.FLOAT64, B, H);
    for (int r = 0; r < B; r++) {
      for (int c = 0; c < H; c++) {
        dense.set(r, c, wide.get(r, c));
      }
    }
    UnrolledNetwork a = run(network, 0, 2, new State(List.of(List.of(wide))));
    UnrolledNetwork b = run(network, 0, 2, new State(List.of(List.of(dense))));
    assertArrayEquals(matrix(b.logits()), matrix(a.logits()));
  }

  private static Kernels kernels() {
    return TestBackends.scalar(Precision.DOUBLE);
  }

  private static State zeros(int layers, int states, int batch, int hidden) {
    List<List<Matrix>> all = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      List<Matrix> own = new ArrayList<>();
      for (int s = 0; s < states; s++) {
        own.add(Matrix.allocate(ElementType.FLOAT64, batch, hidden));
      }
      all.add(own);
    }
    return new State(all);
  }

  @Test
  void start_fromAStateOfOtherSizes_saysWhichSize() {
    UnrolledNetwork lstm = UnrolledNetwork.of(network(Cells.lstm(), 2, kernels()), team, T, B);
    assertRejected("state: expected layers=2, got 1", () -> lstm.start(zeros(1, 2, B, H)));
    assertRejected("state: expected states=2, got 1", () -> lstm.start(zeros(2, 1, B, H)));
    assertRejected("state: expected B=3, got 4", () -> lstm.start(zeros(2, 2, 4, H)));
    assertRejected("state: expected H=17, got 16", () -> lstm.start(zeros(2, 2, B, 16)));
    lstm.start(zeros(2, 2, B, H));
  }

  @Test
  void startAfter_aNetworkOfOtherSizes_saysWhichSize() {
    UnrolledNetwork lstm = UnrolledNetwork.of(network(Cells.lstm(), 2, kernels()), team, T, B);
    UnrolledNetwork shallow = UnrolledNetwork.of(network(Cells.lstm(), 1, kernels()), team, T, B);
    UnrolledNetwork elman =
        UnrolledNetwork.of(network(Cells.elman(Activation.TANH), 2, kernels()), team, T, B);
    UnrolledNetwork wide = UnrolledNetwork.of(network(Cells.lstm(), 2, kernels()), team, T, B + 1);
    assertRejected("state: expected layers=2, got 1", () -> lstm.startAfter(shallow));
    assertRejected("state: expected layers=1, got 2", () -> shallow.startAfter(lstm));
    assertRejected("state: expected states=2, got 1", () -> lstm.startAfter(elman));
    assertRejected("state: expected B=3, got 4", () -> lstm.startAfter(wide));
  }

  private static void assertRejected(String message, Runnable start) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, start::run);
    assertEquals(message, e.getMessage());
  }
}
