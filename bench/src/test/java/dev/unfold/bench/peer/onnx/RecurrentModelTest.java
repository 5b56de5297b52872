package dev.unfold.bench.peer.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.peer.unfold.UnfoldPeer;
import dev.unfold.bench.problem.Agreement;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RecurrentModelTest {
  private static Tensors results(Peer peer, Shape shape) {
    PeerStep step = peer.open(Problem.of(shape, 1));
    step.run();
    return step.results();
  }

  private static void expectAgreement(Peer peer, CellKind cell, PeerKind kind) {
    Shape shape = new Shape(Task.INFERENCE, cell, 12, 3, 5, Start.RANDOM);
    Tensors expected = results(UnfoldPeer.withStandardCells(1), shape);

    Agreement agreement = Agreement.of(kind.tolerance(shape), expected, results(peer, shape));
    assertEquals(List.of(), agreement.failures());
    assertEquals(List.of(), agreement.missing());
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void model_ofEachCell_computesWhatUnfoldDoes(CellKind cell) {
    expectAgreement(new OnnxRuntimePeer(1), cell, PeerKind.ONNXRUNTIME);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void weights_of16Bits_areWithinTheirTolerance(CellKind cell) {
    expectAgreement(UnfoldPeer.withWeights(1, WeightFormat.BFLOAT16), cell, PeerKind.UNFOLD_BF16);
    expectAgreement(UnfoldPeer.withWeights(1, WeightFormat.FIXED16), cell, PeerKind.UNFOLD_FIXED16);
  }
}
