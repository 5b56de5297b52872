package dev.unfold.run.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.output.FailureException;
import dev.unfold.train.WorkerException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AttemptTest {
  @TempDir private Path folder;

  @Test
  void optionsDataAndMemory_areInVain() {
    assertTrue(Attempt.isInVain(new Refusal("hidden", "1 or more", 0)));
    assertTrue(Attempt.isInVain(new FormatException("spoilt")));
    assertTrue(Attempt.isInVain(new OutOfMemoryError("heap")));
  }

  @Test
  void whatAMachineFailsOf_isTriedAgain() {
    WriteException full =
        assertThrows(
            WriteException.class,
            () -> AtomicFile.write(folder.resolve("none").resolve("file"), new byte[1]));
    assertFalse(Attempt.isInVain(full));
    assertFalse(Attempt.isInVain(new UncheckedIOException(new java.io.IOException("gone"))));
    assertFalse(Attempt.isInVain(new IllegalStateException("killed")));
    assertFalse(Attempt.isInVain(new FailureException("it failed", null)));
  }

  @Test
  void whatAnotherWorkerEndedOf_isAsThatOneSays() {
    WorkerException lost = new WorkerException("rank 1 has gone");
    WorkerException refused = new WorkerException("rank 1 failed: hidden", true);
    assertFalse(Attempt.isInVain(lost));
    assertTrue(Attempt.isInVain(refused));
    assertFalse(Attempt.isInVain(new FailureException("no model was saved", lost)));
    assertTrue(Attempt.isInVain(new FailureException("no model was saved", refused)));
  }

  @Test
  void reason_isOneLine() {
    assertEquals("this and that", Attempt.reason(new IllegalStateException(" this\n  and that")));
    assertEquals("java.lang.IllegalStateException", Attempt.reason(new IllegalStateException()));
  }
}
