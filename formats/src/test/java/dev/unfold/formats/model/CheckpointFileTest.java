package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.init.Initialization;
import dev.unfold.online.KeptInfluence;
import dev.unfold.train.Budget;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Progress;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.Averaging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The state of a run in a file.
final class CheckpointFileTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  private final Network network =
      Network.create(NetworkSpec.tokens(Cells.lstm(), 3, 4, 5), KERNELS, 1);
  private final Model run = LanguageModel.of(network, "CHAR", List.of("a", "b", "c"));

  private TrainerState trained() {
    int[] text = IntStream.range(0, 90).map(i -> i * i % 3).toArray();
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(5)
            .withBatch(2)
            .withBudget(new Budget.Epochs(2))
            .withInterval(4);
    Trainer trainer =
        new Trainer(
            network,
            options.withRule(options.rule().with(new Averaging.Always(2))),
            Team.of(1),
            event -> {});
    trainer.run(text, text);
    return trainer.state();
  }

  @Test
  void checkpoint_readAndWrittenAgain_isTheSameFile() throws IOException {
    TrainerState state = trained();
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    CheckpointFile.save(first, run, state);
    TrainerState read = CheckpointFile.load(first, run);
    assertEquals(state.progress(), read.progress());
    assertEquals(List.of("slot0", "slot1", "average"), List.copyOf(read.kept().keySet()));
    CheckpointFile.save(second, run, read);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @Test
  void checkpoint_ofAnOnlineRule_hasItsInfluence() throws IOException {
    Matrix numbers = Matrix.allocate(KERNELS.type(), 2, 3);
    numbers.set(1, 2, 0.5);
    KeptInfluence kept = new KeptInfluence(7, 2, List.of(numbers, numbers.rows(0, 1)));
    TrainerState state =
        new TrainerState(
            network.parameters(),
            network.parameters(),
            Map.of(),
            Optional.of(network.zeroState(2)),
            Optional.of(kept),
            Progress.START);
    Path file = folder.resolve("file");
    CheckpointFile.save(file, run, state);
    KeptInfluence read = CheckpointFile.load(file, run).influence().orElseThrow();
    assertEquals(7, read.steps());
    assertEquals(2, read.timesLimited());
    assertEquals(2, read.numbers().size());
    assertEquals(0.5, read.numbers().get(0).get(1, 2));
    assertEquals(1, read.numbers().get(1).rows());
  }

  private Model run(Engine engine) {
    return run.withProvenance(
        new Provenance(
            "0.1",
            new Provenance.Beginning(7, Initialization.defaults()),
            TrainingOptions.defaults().withEngine(engine),
            List.of(),
            List.of(),
            new Provenance.Progress(0, 0, 0)));
  }

  private TrainerState state(Optional<State> state, Optional<KeptInfluence> influence) {
    return new TrainerState(
        network.parameters(), network.parameters(), Map.of(), state, influence, Progress.START);
  }

  /// A run would go on without a word, and end elsewhere.
  @Test
  void influence_thatIsNotWhereItShouldBe_isRefused() {
    Path file = folder.resolve("file");
    Model online = run(new Engine.Online("rtrl", 2));
    Optional<State> hidden = Optional.of(network.zeroState(2));
    Optional<KeptInfluence> kept =
        Optional.of(new KeptInfluence(7, 2, List.of(Matrix.allocate(KERNELS.type(), 2, 3))));
    CheckpointFile.save(file, online, state(hidden, Optional.empty()));
    String none =
        assertThrows(FormatException.class, () -> CheckpointFile.load(file, online)).getMessage();
    assertTrue(none.endsWith("expected how many steps an online rule has seen, found none"), none);
    Model bptt = run(new Engine.Full());
    CheckpointFile.save(file, bptt, state(hidden, kept));
    String other =
        assertThrows(FormatException.class, () -> CheckpointFile.load(file, bptt)).getMessage();
    assertTrue(other.endsWith("expected none without an online rule and a state"), other);
    CheckpointFile.save(file, online, state(Optional.empty(), Optional.empty()));
    assertEquals(Optional.empty(), CheckpointFile.load(file, online).influence());
    CheckpointFile.save(file, online, state(hidden, kept));
    assertEquals(7, CheckpointFile.load(file, online).influence().orElseThrow().steps());
    assertThrows(IllegalArgumentException.class, () -> state(Optional.empty(), kept));
  }

  /// A new part of the updates needs no change here.
  @Test
  void kept_ofAnyName_isReadAgain() {
    Map<String, Parameters> kept = new LinkedHashMap<>();
    kept.put("slot0", network.parameters().zeros());
    kept.put("norms", network.parameters().copy());
    TrainerState state =
        new TrainerState(
            network.parameters().copy(),
            network.parameters().copy(),
            kept,
            Optional.empty(),
            Optional.empty(),
            Progress.START);
    Path file = folder.resolve("file");
    CheckpointFile.save(file, run, state);
    Map<String, Parameters> read = CheckpointFile.load(file, run).kept();
    assertEquals(List.of("slot0", "norms"), List.copyOf(read.keySet()));
    assertArrayEquals(
        network.parameters().buffer().toArray(), read.get("norms").buffer().toArray());
  }

  @Test
  void validation_ofNoLosses_isRefused() {
    Progress start = Progress.START;
    Progress spoilt =
        new Progress(
            1, 1, 1, 0, 1, 1, Optional.of(new Evaluation(1, 0)), 1, 1, 0, 0, 0, 0, 0, List.of());
    Parameters parameters = network.parameters();
    Path file = folder.resolve("file");
    CheckpointFile.save(
        file,
        run,
        new TrainerState(
            parameters, parameters, Map.of(), Optional.empty(), Optional.empty(), spoilt));
    String message =
        assertThrows(FormatException.class, () -> CheckpointFile.load(file, run)).getMessage();
    assertEquals(
        "metadata \"count.best_count\": expected a number from 1 to 9223372036854775807, got \"0\"",
        message.substring(message.indexOf("metadata")));
    CheckpointFile.save(
        file,
        run,
        new TrainerState(
            parameters, parameters, Map.of(), Optional.empty(), Optional.empty(), start));
    assertEquals(start, CheckpointFile.load(file, run).progress());
  }
}
