package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ModelBytesTest {
  private static byte[] file;

  @BeforeAll
  static void train() {
    file = Sales.forecaster().setEpochs(1).fit(Sales.of(LocalSpark.session(), 1, 60)).file();
  }

  /// Tasks of many small models would wait for each other.
  @Test
  void read_whileAnotherIsMade_doesNotWait() throws Exception {
    ModelBytes bytes = ModelBytes.of(file);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    try (var others = Executors.newSingleThreadExecutor()) {
      Future<String> slow =
          others.submit(() ->
              bytes.read(
                  String.class,
                  (_, _) -> {
                    begun.countDown();
                    return waits(done) ? "in time" : "too late";
                  }));
      assertTrue(begun.await(1, TimeUnit.MINUTES));
      assertEquals(7, bytes.read(Integer.class, (_, _) -> 7));
      done.countDown();
      assertEquals("in time", slow.get());
    }
  }

  private static boolean waits(CountDownLatch done) {
    try {
      return done.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void read_twice_isMadeOnce() {
    Object made = ModelBytes.of(file).read(Object.class, (_, _) -> new Object());
    assertSame(made, ModelBytes.of(file).read(Object.class, (_, _) -> new Object()));
  }
}
