package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.proof.TestBackends;
import dev.unfold.train.data.TextData;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrainingMemoryTest {
  private static final int VOCABULARY = 50;

  @Test
  void memory_ofARun_isWhatWasPredicted() throws InterruptedException {
    int[] tokens = new int[60_000];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = i * 7 % VOCABULARY;
    }
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm())) {
      for (Engine engine : List.of(new Engine.Full(), new Engine.Budgeted(12 << 20))) {
        long predicted = 0;
        long took = 0;
        // What was allocated before may be freed meanwhile: then it is measured again.
        for (int attempt = 0; attempt < 5 && !isNear(took, predicted); attempt++) {
          NetworkSpec spec = NetworkSpec.tokens(cell, VOCABULARY, 64, 200);
          TrainingOptions options =
              TrainingOptions.defaults().withSteps(1000).withBatch(8).withEngine(engine);
          predicted = TrainingMemory.of(spec, Precision.FLOAT, options, 8, tokens.length).total();
          took = peak(spec, options, tokens);
        }
        String what = cell.name() + " " + engine + ": predicted " + predicted + ", took " + took;
        assertTrue(isNear(took, predicted), what);
      }
    }
  }

  private static boolean isNear(long took, long predicted) {
    return took > 0 && Math.abs(took - predicted) < 0.1 * predicted;
  }

  /// What a run has allocated when it has validated.
  private static long peak(NetworkSpec spec, TrainingOptions options, int... tokens)
      throws InterruptedException {
    System.gc();
    Thread.sleep(100);
    long before = allocated();
    long[] took = new long[1];
    Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), 1);
    Trainer[] trainer = new Trainer[1];
    Validator validator =
        (trained, team) -> {
          Evaluation evaluation = Evaluation.of(trained, tokens, team);
          took[0] = allocated() - before;
          trainer[0].stop();
          return evaluation;
        };
    trainer[0] = new Trainer(network, options.withInterval(1), Team.of(2), event -> {});
    trainer[0].run(new TextData(tokens, options.steps(), options.batch()), validator);
    return took[0];
  }

  /// Bytes outside the heap.
  private static long allocated() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
