package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.model.Parameters;
import dev.unfold.run.job.Company;
import dev.unfold.train.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trainings that are to run elsewhere, where no module is that could.
final class TrainOnTest {
  @TempDir private Path folder;

  @Test
  void on_withoutTheModule_saysWhatIsMissingAndReadsNothing() {
    Path model = folder.resolve("model.safetensors");
    Cli cli = Cli.run("train", "text", "none.txt", "--on", "spark://h:7077", "--out", model);
    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of("unfold: --on: expected unfold-spark on the module path, got none"), cli.err());
    assertFalse(Files.exists(model));
  }

  @Test
  void workers_withoutAPlace_areRefused() {
    Cli cli = Cli.run("train", "text", "none.txt", "--workers", "2");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --workers: expected --on beside it, got none"), cli.err());
  }

  @Test
  void workers_none_areRefused() {
    Cli cli = Cli.run("train", "text", "none.txt", "--on", "local", "--workers", "0");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --workers: expected 1 to 4096, got 0"), cli.err());
  }

  @Test
  void on_standardInput_isRefused() {
    Cli cli = Cli.run("train", "text", "-", "--on", "local");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --on: expected files beside it, got standard input"), cli.err());
  }

  private Object[] words(Path run) throws Exception {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "the error flows back through time and fades as it goes\n".repeat(30));
    return new Object[] {
      "train",
      "text",
      text,
      "--hidden=8",
      "--steps=8",
      "--batch=4",
      "--epochs=4",
      "--threads=1",
      "--blocks=2",
      "--checkpoint=10",
      "--run=" + run
    };
  }

  /// All that one process does which is not the user's own.
  private Cli inCompany(Workers workers, int attempt, Path model, Runnable sign, Path run)
      throws Exception {
    Object[] words = words(run);
    return new Company(workers, attempt, model, sign).call(() -> Cli.run(words));
  }

  @Test
  void companyThatBeginsAgain_goesOnFromTheLastCheckpointInTheSameBits() throws Exception {
    Path whole = folder.resolve("whole.safetensors");
    Cli alone = inCompany(Workers.alone(), 0, whole, () -> {}, folder.resolve("run-whole"));
    assertEquals(0, alone.exitCode(), alone::toString);

    Path run = folder.resolve("run");
    Path lost = folder.resolve("lost.safetensors");
    int[] events = {0};
    Runnable dying =
        () -> {
          if (++events[0] > 60) {
            throw new IllegalStateException("the task is to end");
          }
        };
    Cli first = inCompany(Workers.alone(), 0, lost, dying, run);
    assertEquals(1, first.exitCode(), first::toString);
    assertTrue(first.err().getFirst().contains("the task is to end"), first::toString);

    Path model = folder.resolve("model.safetensors");
    Cli second = inCompany(Workers.alone(), 1, model, () -> {}, run);
    assertEquals(0, second.exitCode(), second::toString);
    assertTrue(second.out().contains("resuming  after update "), second::toString);
    assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(model));
  }

  /// The first of two workers, of which the other says something else whenever both tell each other something.
  private static final class Unlike implements Workers {
    private final Workers own = Workers.alone();

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int count() {
      return 2;
    }

    @Override
    public Sum begin(long place, Parameters sum, List<Parameters> more) {
      return own.begin(place, sum, more);
    }

    @Override
    public byte[][] gather(byte... mine) {
      byte[] other = mine.clone();
      other[mine.length / 2] ^= 1;
      return new byte[][] {mine, other};
    }

    @Override
    public void requestStop() {
      own.requestStop();
    }

    @Override
    public boolean isStopRequested() {
      return own.isStopRequested();
    }

    @Override
    public void fail(String reason) {
      own.fail(reason);
    }
  }

  @Test
  void companyWithOtherData_isRefusedBeforeTheFirstUpdate() throws Exception {
    Path model = folder.resolve("model.safetensors");
    Cli cli = inCompany(new Unlike(), 0, model, () -> {}, folder.resolve("run"));
    assertEquals(1, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(
        cli.err().getFirst().startsWith("unfold: rank 1: expected options, data and backend of"),
        cli::toString);
    assertFalse(Files.exists(model));
  }
}
