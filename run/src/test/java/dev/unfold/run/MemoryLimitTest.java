package dev.unfold.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.run.output.MemorySize;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MemoryLimitTest {
  private static final int BATCH = 4;

  private final Network network =
      Network.zeros(NetworkSpec.tokens(Cells.lstm(), 30, 16, 32), Backends.best(Precision.FLOAT));
  private final TrainingOptions options = TrainingOptions.defaults().withSteps(2000);

  private TrainingMemory memory(Engine engine) {
    return memory(options.withEngine(engine));
  }

  private TrainingMemory memory(TrainingOptions of) {
    return TrainingMemory.of(network.spec(), Precision.FLOAT, of, BATCH, 5000);
  }

  private String refusal(long limit) {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> MemoryLimit.check(this::memory, network, options, BATCH, limit));
    return error.getMessage();
  }

  @Test
  void check_ofARunThatFits_passes() {
    TrainingMemory memory = memory(new Engine.Full());
    MemoryLimit.check(this::memory, network, options, BATCH, memory.total());
  }

  @Test
  void check_ofARunThatDoesNotFit_namesABudgetThatDoes() {
    long limit = memory(new Engine.Full()).total() / 2;
    String message = refusal(limit);
    Matcher matcher = Pattern.compile("--memory (\\w+) would fit").matcher(message);
    assertTrue(matcher.find(), message);
    Engine budget = new Engine.Budgeted(MemorySize.parse(matcher.group(1)).bytes(0));
    MemoryLimit.check(this::memory, network, options.withEngine(budget), BATCH, limit);
  }

  /// What a refusal advises is what a user does next; each advice is followed until the run is accepted or nothing is
  /// advised.
  @Test
  void advice_ofAnyConfiguration_isAccepted() {
    long seed = Long.getLong("unfold.seed", 20261129L);
    System.out.println("MemoryLimitTest: seed " + seed + "; repeat with -Dunfold.seed=" + seed);
    Random random = new Random(seed);
    int refused = 0;
    int budgets = 0;
    for (int i = 0; i < 150; i++) {
      Precision precision = random.nextBoolean() ? Precision.FLOAT : Precision.DOUBLE;
      Network any = Network.zeros(anySpec(random), Backends.named("scalar", precision));
      int batch = 1 + random.nextInt(8);
      TrainingOptions how =
          TrainingOptions.defaults()
              .withSteps(1 + random.nextInt(3000))
              .withEngine(anyEngine(random))
              .withSampled(random.nextInt(3) == 0 ? 1 + random.nextInt(50) : 0);
      Function<TrainingOptions, TrainingMemory> memoryOf =
          other -> TrainingMemory.of(any.spec(), precision, other, batch, 500);
      long limit = (long) Math.exp(random.nextDouble(Math.log(1e5), Math.log(2e8)));
      String what = "case " + i + ": " + any.spec() + " " + how + " B=" + batch + " " + limit;
      Optional<String> refusal = refusal(memoryOf, any, how, batch, limit);
      if (refusal.isEmpty()) {
        continue;
      }
      refused++;
      Matcher budget = BUDGET.matcher(refusal.get());
      if (budget.find()) {
        String bytes = budget.group(1) == null ? budget.group(2) : budget.group(1);
        TrainingOptions advised =
            how.withEngine(new Engine.Budgeted(MemorySize.parse(bytes).bytes(0)));
        assertEquals(Optional.empty(), refusal(memoryOf, any, advised, batch, limit), what);
        Bptt.of(any, Team.of(1), how.steps(), batch, advised.engine());
        budgets++;
      }
      Matcher more = MORE.matcher(refusal.get());
      if (more.find()) {
        long larger = Long.parseLong(more.group(1)) << 20;
        TrainingOptions with =
            more.group(2) == null
                ? how
                : how.withEngine(new Engine.Budgeted(Long.parseLong(more.group(2))));
        assertEquals(Optional.empty(), refusal(memoryOf, any, with, batch, larger), what);
      }
    }
    assertTrue(refused > 40 && budgets > 10, refused + " refused, " + budgets + " budgets");
  }

  private static final Pattern BUDGET =
      Pattern.compile("--memory (\\w+) would fit|expected ([0-9.]+ MB) ");
  private static final Pattern MORE =
      Pattern.compile("MaxDirectMemorySize=(\\d+)m(?: with --memory (\\d+))?");

  private static Optional<String> refusal(
      Function<TrainingOptions, TrainingMemory> memoryOf,
      Network network,
      TrainingOptions how,
      int batch,
      long limit) {
    try {
      MemoryLimit.check(memoryOf, network, how, batch, limit);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static NetworkSpec anySpec(Random random) {
    int vocabulary = 5 + random.nextInt(300);
    Set<Wiring> wiring = EnumSet.noneOf(Wiring.class);
    for (Wiring each : List.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL)) {
      if (random.nextInt(5) == 0) {
        wiring.add(each);
      }
    }
    Noise noise = random.nextInt(3) == 0 ? Noise.dropout(0.3).withWeights(0.1) : Noise.NONE;
    return new NetworkSpec(
        random.nextBoolean() ? Cells.lstm() : Cells.gru(),
        new Encoder.Embedding(vocabulary, 1 + random.nextInt(40)),
        1 + random.nextInt(40),
        1 + random.nextInt(2),
        random.nextInt(3) == 0 ? new FactoredClasses(vocabulary) : new Head.Classes(vocabulary),
        wiring,
        noise);
  }

  private static Engine anyEngine(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new Engine.Truncated(new Truncation(5, 10));
      case 1 -> new Engine.Budgeted((long) Math.exp(random.nextDouble(5, Math.log(1e8))));
      default -> new Engine.Full();
    };
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
