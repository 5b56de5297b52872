package dev.unfold.run.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.run.ring.Threads;
import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// What one of several processes meets while it prepares, and what the others are told.
final class CompanyTest {
  /// What each of three throws when the second does `work` to prepare.
  private static List<Exception> prepare(Callable<String> work) throws Exception {
    return Threads.all(
        3,
        ring -> {
          Company company = new Company(ring, 0, Path.of("model"), () -> {});
          Exception thrown =
              assertThrows(
                  Exception.class,
                  () -> {
                    // Who fails at once would be missed by those that are still on the way in.
                    ring.gather();
                    company.prepare(ring.rank() == 1 ? work : () -> "prepared");
                  });
          // It is there still: what the others know, it has said.
          Thread.sleep(500);
          return thrown;
        });
  }

  @Test
  void prepare_thatFails_isToldWithItsReasonToAll() throws Exception {
    List<Exception> thrown =
        prepare(() -> {
          throw new IOException("run.json: no space left");
        });
    assertInstanceOf(IOException.class, thrown.get(1));
    for (int rank : new int[] {0, 2}) {
      WorkerException told = assertInstanceOf(WorkerException.class, thrown.get(rank));
      assertTrue(
          told.getMessage().matches("rank 1 \\(.*\\) failed: run.json: no space left"),
          told::getMessage);
      assertFalse(told.isFinal());
    }
  }

  @Test
  void prepare_thatRefuses_isRefusedByAll() throws Exception {
    List<Exception> thrown =
        prepare(() -> {
          throw new Refusal("hidden", "1 or more", 0);
        });
    for (Exception each : thrown) {
      assertInstanceOf(IllegalArgumentException.class, each);
      assertEquals("hidden: expected 1 or more, got 0", each.getMessage());
    }
  }
}
