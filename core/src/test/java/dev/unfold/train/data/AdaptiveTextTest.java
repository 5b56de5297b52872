package dev.unfold.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.flow.TruncationMeter;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Adapted;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.UpdateRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Windows that follow the measured error of shorter ones.
final class AdaptiveTextTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261202L);
  private static final int LAG = 6;
  private static final int K = 4;

  private final Random random = new Random(SEED);

  AdaptiveTextTest() {
    System.out.println("AdaptiveTextTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  @ParameterizedTest
  @CsvSource({"64, 64, 0", "auto:0.1, 128, 0.1", "'auto:0.25,most=32', 32, 0.25"})
  void windows_asText_areRead(String text, int most, double tolerance) {
    Windows windows = Windows.parse(text);
    assertEquals(new Windows(most, tolerance), windows);
    assertEquals(windows, Windows.parse(windows.text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "x",
        "auto",
        "auto:",
        "auto:0",
        "auto:-1",
        "auto:NaN",
        "auto:1e999",
        "auto:0.1,most=0",
        "auto:0.1,most=",
        "auto:0.1,most=9999999999",
        "auto:.e",
        "99999999999"
      })
  void windows_thatCannotBe_areRefused(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Windows.parse(text)).getMessage();
    assertTrue(message.startsWith("steps: expected T of 1 or more, auto:X"), message);
  }

  /// Whatever the windows are, an epoch reads each step of each stream once, in order.
  @Test
  void epoch_withWindowsThatChange_readsAllOfTheText() {
    int[] tokens = random.ints(103, 0, 50).toArray();
    AdaptiveText data = new AdaptiveText(tokens, new Windows(8, 0.1), 3);
    assertEquals(34, data.places());
    for (int epoch = 0; epoch < 4; epoch++) {
      List<List<Integer>> streams =
          List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      long end = (epoch + 1) * 34L;
      long next;
      for (long place = epoch * 34L; place < end; place = next) {
        data.setWindow(1 + random.nextInt(8));
        Batch batch = data.batch(place);
        assertTrue(batch.steps() <= data.window());
        assertEquals(place % 34 != 0, data.goesOn(place));
        int[] inputs = ((Inputs.Tokens) batch.inputs()).tokens();
        int[] targets = ((Targets.Classes) batch.targets()).classes();
        for (int row = 0; row < batch.steps() * 3; row++) {
          List<Integer> stream = streams.get(row % 3);
          assertEquals(tokens[row % 3 * 34 + stream.size() + 1], targets[row]);
          stream.add(inputs[row]);
        }
        next = data.next(place);
        assertEquals(place + batch.steps(), next);
        assertTrue(next <= end);
      }
      for (int b = 0; b < 3; b++) {
        int[] read = streams.get(b).stream().mapToInt(token -> token).toArray();
        assertArrayEquals(Arrays.copyOfRange(tokens, 34 * b, 34 * b + 34), read);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> data.setWindow(9));
  }

  /// What comes is mostly what came six steps before.
  private int[] text(int length) {
    int[] text = new int[length];
    for (int i = 0; i < length; i++) {
      boolean again = i >= LAG && random.nextInt(10) > 0;
      text[i] = again ? text[i - LAG] : random.nextInt(K);
    }
    return text;
  }

  private static Network network() {
    return Network.create(
        NetworkSpec.tokens(Cells.gru(), K, 4, 16), TestBackends.scalar(Precision.FLOAT), SEED);
  }

  private static TrainingOptions options(int epochs) {
    return TrainingOptions.defaults()
        .with(new Windows(16, 0.2))
        .withBatch(4)
        .withRule(UpdateRule.defaults().withRate(0.01))
        .withInterval(100)
        .withBudget(new Budget.Epochs(epochs));
  }

  @Test
  void windows_ofARun_changeWhenMeasuredAndGrowWithTheLag() {
    int[] text = text(2000);
    Network network = network();
    List<Adapted> changes = new ArrayList<>();
    List<TrainingEvent> events = new ArrayList<>();
    new Trainer(network, options(12), Team.of(2), events::add).run(text, text);
    for (TrainingEvent event : events) {
      if (event instanceof Adapted adapted) {
        changes.add(adapted);
      }
    }
    assertFalse(changes.isEmpty());
    int window = 16;
    for (Adapted change : changes) {
      assertEquals(0, change.update() % 250);
      assertEquals(window, change.before());
      window = change.steps();
    }
    // It has learned to look back.
    assertTrue(changes.getLast().steps() >= LAG / 2, changes::toString);
  }

  @Test
  void adapt_ofANetwork_takesTheLeastWindowWithinTheTolerance() {
    int[] text = text(400);
    Network network = network();
    AdaptiveText data = new AdaptiveText(text, new Windows(16, 0.5), 4);
    data.adapt(0, network, Team.of(1));
    List<Batch> samples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      samples.add(new TextData(text, 16, 2).batch(i));
    }
    int expected = TruncationMeter.of(network, Team.of(1), samples).least(0.5).orElse(16);
    assertEquals(expected, data.window());
    assertTrue(expected < 16, "window " + expected);
    data.setWindow(3);
    data.adapt(249, network, Team.of(1));
    assertEquals(3, data.window());
  }

  @Test
  void run_interruptedAnywhere_endsInTheSameBits() {
    int[] text = text(1000);
    List<TrainerState> states = new ArrayList<>();
    Network whole = network();
    Trainer[] running = new Trainer[1];
    List<Adapted> changes = new ArrayList<>();
    running[0] =
        new Trainer(
            whole,
            options(12),
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Completed done && done.update() % 125 == 0) {
                states.add(running[0].state());
              } else if (event instanceof Adapted adapted) {
                changes.add(adapted);
              }
            });
    running[0].run(text, text);
    assertTrue(states.size() >= 3, "states " + states.size());
    assertTrue(changes.getLast().update() > 0, changes::toString);
    for (TrainerState state : states) {
      Network other = network();
      Trainer trainer = new Trainer(other, options(12), Team.of(3), event -> {});
      trainer.restore(state);
      trainer.run(text, text);
      assertArrayEquals(
          whole.parameters().buffer().toArray(), other.parameters().buffer().toArray());
    }
  }
}
