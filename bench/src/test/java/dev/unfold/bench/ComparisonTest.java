package dev.unfold.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.report.Entry;
import dev.unfold.bench.report.Point;
import dev.unfold.bench.worker.WorkerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every library agrees with Unfold, in processes as in a real run.
@Tag("slow")
final class ComparisonTest {
  @TempDir private Path folder;

  private Point run(Task task, CellKind cell) {
    List<PeerKind> peers =
        Stream.of(PeerKind.values())
            .filter(peer -> peer != PeerKind.UNFOLD && peer.tasks().contains(task))
            .toList();
    int vocabulary = task == Task.WHOLE_TRAINING ? 31 : 0;
    Shape shape = new Shape(task, cell, 24, 3, 7, Start.RANDOM, vocabulary);
    return new Comparison(new WorkerProcess.Place(folder, 2), 0, 0).run(shape, peers);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void training_ofEveryLibrary_agreesAndIsTimed(CellKind cell) {
    List<String> untimed = new ArrayList<>();
    for (Entry entry : run(Task.TRAINING, cell).entries()) {
      if (entry.timing() == null) {
        untimed.add(entry.peer() + ": " + entry.reason());
      } else {
        assertTrue(entry.timing().medianMillis() > 0);
      }
    }

    assertEquals(cell == CellKind.GRU ? List.of("dl4j: has no GRU") : List.of(), untimed);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void inference_ofEveryLibraryAndFormat_agreesAndIsTimed(CellKind cell) {
    expectAllTimed(Task.INFERENCE, cell);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void wholeTraining_ofEveryLibrary_agreesAndIsTimed(CellKind cell) {
    expectAllTimed(Task.WHOLE_TRAINING, cell);
  }

  private void expectAllTimed(Task task, CellKind cell) {
    for (Entry entry : run(task, cell).entries()) {
      assertNotNull(entry.timing(), entry::toString);
    }
  }
}
