package dev.unfold.data.series;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TimelineTest {
  @ParameterizedTest
  @EnumSource(
      value = FrequencyUnit.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"IRREGULAR", "UNKNOWN", "ORDER"})
  void step_ofTheTimeOfAStep_isThatStep(FrequencyUnit unit) {
    long seed = 5;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      LocalDateTime start =
          LocalDateTime.of(1990 + random.nextInt(50), 1 + random.nextInt(12), 1, 0, 0)
              .plusDays(random.nextInt(28))
              .plusHours(random.nextInt(24));
      while (unit == FrequencyUnit.BUSINESS_DAY && start.getDayOfWeek().getValue() > 5) {
        start = start.plusDays(1);
      }
      long micros = start.toEpochSecond(ZoneOffset.UTC) * 1_000_000;
      Frequency frequency = new Frequency(unit, 1 + random.nextInt(4));
      Timeline timeline = new Timeline(frequency, micros, micros, Optional.empty());
      long step = random.nextInt(1000);
      LocalDateTime at = timeline.local(step);
      long then = ChronoUnit.MICROS.between(LocalDate.EPOCH.atStartOfDay(), at);
      assertEquals(
          OptionalLong.of(step),
          timeline.step(then, then),
          "%s from %s, step %d".formatted(frequency, start, step));
    }
  }
}
