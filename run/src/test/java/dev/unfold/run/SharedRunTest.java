package dev.unfold.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.TrainingRun.Share;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.ring.Threads;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A network that several workers train is, byte for byte, the one that one process trains.
final class SharedRunTest {
  private static final int CHECKPOINT = 4;

  @TempDir private Path folder;

  private byte[] alone(SharedRuns kind, int blocks) throws IOException {
    Path model = folder.resolve("alone-" + blocks);
    kind.of(blocks, model, Workers.alone()).train(SharedRuns.telling(event -> {}));
    return Files.readAllBytes(model);
  }

  @ParameterizedTest
  @CsvSource({"TEXT, 4", "TEXT, 7", "SERIES, 4", "TAGS, 7"})
  void model_ofAnyNumberOfWorkers_isTheSameBytes(SharedRuns kind, int blocks) throws Exception {
    byte[] alone = alone(kind, blocks);
    for (int count : new int[] {1, 2, 3, 4}) {
      Path model = folder.resolve("of-" + count);
      Threads.all(
          count,
          ring -> {
            Path own = ring.rank() == 0 ? model : folder.resolve("not-" + ring.rank());
            kind.of(blocks, own, ring).train(SharedRuns.telling(event -> {}));
            assertEquals(ring.rank() == 0, Files.exists(own));
            return true;
          });
      assertArrayEquals(alone, Files.readAllBytes(model), count + " workers");
    }
  }

  @Test
  void model_ofAnotherNumberOfBlocks_isAnotherOne() throws IOException {
    assertFalse(Arrays.equals(alone(SharedRuns.TEXT, 4), alone(SharedRuns.TEXT, 7)));
  }

  /// As many workers as before, more, and fewer go on where those before stopped.
  @ParameterizedTest
  @CsvSource({"TEXT, 3, 2, 4", "TEXT, 1, 4, 1", "TAGS, 2, 3, 1", "SERIES, 4, 1, 2"})
  void model_ofRunsThatWereStopped_isTheSameBytes(SharedRuns kind, int first, int second, int third)
      throws Exception {
    byte[] alone = alone(kind, 5);
    Path model = folder.resolve("model");
    stop(kind, first, model, 3);
    assertTrue(stop(kind, second, model, 4) > 3);
    stop(kind, third, model, Long.MAX_VALUE);
    assertArrayEquals(alone, Files.readAllBytes(model));
  }

  /// Lets `count` workers go on with the run, if there is one, until the last of them stops it after `updates` updates.
  ///
  /// @return updates that were made by then, in all
  private long stop(SharedRuns kind, int count, Path model, long updates) throws Exception {
    Path place = folder.resolve("run");
    boolean isThere = Files.exists(place);
    List<Long> made =
        Threads.all(
            count,
            ring -> {
              boolean isFirst = ring.rank() == 0;
              try (RunFolder run = new RunFolder(place, CHECKPOINT, 0, List.of())) {
                if (isFirst && isThere) {
                  run.open();
                } else if (isFirst) {
                  run.begin();
                }
                Share share = new Share(ring, CHECKPOINT);
                TrainingRun own =
                    kind.of(5, model, isFirst ? Optional.of(run) : Optional.empty(), share);
                long[] last = new long[2];
                Report report =
                    SharedRuns.telling(event -> {
                      if (event instanceof TrainingEvent.Completed completed) {
                        last[0] = completed.update();
                        last[1]++;
                        if (ring.rank() == count - 1 && last[1] >= updates) {
                          ring.requestStop();
                        }
                      }
                    });
                if (isThere) {
                  own.train(report, own.resume(note -> {}));
                } else {
                  if (isFirst) {
                    run.describe(own.described(), 1);
                  }
                  own.train(report);
                }
                return last[0];
              }
            });
    assertEquals(1, made.stream().distinct().count(), made.toString());
    return made.getFirst();
  }
}
