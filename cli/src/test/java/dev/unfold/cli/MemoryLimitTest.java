package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.net.Engine;
import dev.unfold.net.Footprint;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MemoryLimitTest {
  private static final int BATCH = 4;

  private final Network network =
      Network.zeros(NetworkSpec.tokens(Cells.lstm(), 30, 16, 32), Backends.best(Precision.FLOAT));
  private final TrainingOptions options = TrainingOptions.defaults().withSteps(2000);

  private TrainingMemory memory(Engine engine) {
    return TrainingMemory.of(
        network.spec(), Precision.FLOAT, options.withEngine(engine), BATCH, 5000);
  }

  private String refusal(long limit) {
    TrainingMemory memory = memory(new Engine.Full());
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> MemoryLimit.check(memory, network, options, BATCH, limit));
    return error.getMessage();
  }

  @Test
  void check_ofARunThatFits_passes() {
    TrainingMemory memory = memory(new Engine.Full());
    MemoryLimit.check(memory, network, options, BATCH, memory.total());
  }

  @Test
  void check_ofARunThatDoesNotFit_namesABudgetThatDoes() {
    long limit = memory(new Engine.Full()).total() / 2;
    String message = refusal(limit);
    Matcher matcher = Pattern.compile("--memory (\\w+) would fit").matcher(message);
    assertTrue(matcher.find(), message);
    Engine budget = new Engine.Budgeted(MemorySize.parse(matcher.group(1)).bytes(0));
    MemoryLimit.check(memory(budget), network, options.withEngine(budget), BATCH, limit);
  }

  @Test
  void check_whenNoBudgetFits_saysWhatElseHelps() {
    String message = refusal(1 << 19);
    assertTrue(message.contains("; reduce hidden, batch or steps, or give Java more"), message);
  }

  @Test
  void size_inPercent_isOfTheWhole() {
    long whole = Footprint.of(network.spec(), Precision.FLOAT, 2000, BATCH, new Engine.Full());
    assertEquals(whole / 4, MemorySize.parse("25%").bytes(whole));
    assertEquals(64_000_000, MemorySize.parse("64MB").bytes(whole));
    assertEquals(3L << 29, MemorySize.parse("1.5 GiB").bytes(whole));
    assertEquals(800, MemorySize.parse("800").bytes(whole));
  }
}
