package dev.unfold.serve.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class PatienceTest {
  private static final Duration LIMIT = Duration.ofMillis(50);

  /// Waits until it is interrupted.
  private static void waitForEver() {
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.park();
    }
  }

  /// Whether a thread of its own is cut off while it waits.
  private static CountDownLatch wait(Patience patience, Runnable farewell) {
    CountDownLatch cut = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          try (Patience.Wait wait = patience.begin()) {
            if (wait.during(PatienceTest::waitForEver, farewell)) {
              cut.countDown();
            }
          }
        });
    return cut;
  }

  @Test
  void farewell_thatFails_letsOthersBeCutOff() throws Exception {
    try (Patience patience = new Patience(LIMIT).start()) {
      CountDownLatch first =
          wait(
              patience,
              () -> {
                throw new IllegalStateException("a dead socket");
              });
      assertTrue(first.await(20, TimeUnit.SECONDS), "the first");
      assertTrue(wait(patience, () -> {}).await(20, TimeUnit.SECONDS), "the second");
    }
  }

  @Test
  void farewell_thatDoesNotEnd_letsAllBeCutOff() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Patience patience = new Patience(LIMIT).start()) {
      CountDownLatch first =
          wait(
              patience,
              () -> {
                try {
                  never.await();
                } catch (InterruptedException _) {
                  Thread.currentThread().interrupt();
                }
              });
      assertTrue(wait(patience, () -> {}).await(20, TimeUnit.SECONDS), "the second");
      assertTrue(first.await(20, TimeUnit.SECONDS), "the first");
    }
  }
}
