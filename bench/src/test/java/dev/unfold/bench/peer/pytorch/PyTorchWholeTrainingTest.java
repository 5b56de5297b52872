package dev.unfold.bench.peer.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.peer.unfold.UnfoldPeer;
import dev.unfold.bench.problem.Agreement;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.bench.problem.TextProblem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PyTorchWholeTrainingTest {

  @BeforeAll
  static void unpackBelowTarget() {
    Path folder = Path.of("target", "javacpp").toAbsolutePath();
    System.setProperty("org.bytedeco.javacpp.cachedir", folder.toString());
  }

  private static Tensors results(Peer peer, Shape shape) {
    PeerStep step = peer.open(TextProblem.of(shape, 1));
    for (int i = 0; i < shape.task().checkedSteps(); i++) {
      step.run();
    }
    return step.results();
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void updates_ofEachCell_haveTheLossesAndNormsOfUnfold(CellKind cell) {
    Shape shape = new Shape(Task.WHOLE_TRAINING, cell, 12, 3, 5, Start.RANDOM, 17);

    Agreement agreement =
        Agreement.of(
            Agreement.tolerance(shape),
            results(UnfoldPeer.withStandardCells(1), shape),
            results(new PyTorchPeer(1), shape));

    assertEquals(List.of(), agreement.failures());
    assertEquals(List.of(), agreement.missing());
  }
}
