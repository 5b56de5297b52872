package dev.unfold.train.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static double at(String text, long update, double epochs, double done) {
    return Schedule.parse(text).factor(new Schedule.Point(update, epochs, done, 0));
  }

  @Test
  void factors_ofEachSchedule_areItsFormula() {
    assertEquals(1, at("constant", 5, 3, 0.5));
    assertEquals(1, at("step,every=2,factor=0.5,from=4", 0, 5.9, 0));
    assertEquals(0.5, at("step,every=2,factor=0.5,from=4", 0, 6, 0));
    assertEquals(0.25, at("step,every=2,factor=0.5,from=4", 0, 8.5, 0));
    assertEquals(0.9 * 0.9, at("exponential,factor=0.9", 0, 2, 0), 1e-15);
    assertEquals(1, at("cosine", 0, 0, 0));
    assertEquals(0.55, at("cosine,to=0.1", 0, 0, 0.5), 1e-15);
    assertEquals(0.1, at("cosine,to=0.1", 0, 0, 1), 1e-15);
    assertEquals(0.25, at("linear,warmup=3", 0, 0, 0));
    assertEquals(1, at("linear,warmup=3", 3, 0, 0));
    assertEquals(0.25, at("linear", 9, 0, 0.75), 1e-15);
    assertEquals(0.04, at("one-cycle", 0, 0, 0), 1e-15);
    assertEquals(1, at("one-cycle,up=0.25", 0, 0, 0.25), 1e-15);
    assertEquals(0.5, at("one-cycle,up=0.5,end=0", 0, 0, 0.75), 1e-15);
  }

  /// The factors after each of these validation losses.
  private static double[] after(String text, double... losses) {
    Schedule schedule = Schedule.parse(text);
    double[] factors = new double[losses.length];
    int stalls = 0;
    double last = Double.NaN;
    double best = Double.NaN;
    for (int i = 0; i < losses.length; i++) {
      stalls = schedule.stalls(stalls, last, best, losses[i]);
      last = losses[i];
      best = Double.isNaN(best) ? losses[i] : Math.min(best, losses[i]);
      factors[i] = schedule.factor(new Schedule.Point(0, 0, 0, stalls));
    }
    return factors;
  }

  @Test
  void plateau_afterValidationsThatAreNotBetter_reduces() {
    assertEquals(
        List.of(1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25),
        list(after("plateau,factor=0.5,patience=1", 3, 2, 2.5, 2.1, 1.9, 2, 1.9)));
  }

  @Test
  void halve_onceItHasStalled_halvesEachTime() {
    assertEquals(
        List.of(1.0, 1.0, 0.5, 0.25, 0.125), list(after("halve,by=0.01", 3, 2, 1.99, 1.5, 1)));
  }

  private static List<Double> list(double... numbers) {
    return java.util.Arrays.stream(numbers).boxed().toList();
  }

  @Test
  void texts_ofEachSchedule_comeBack() {
    for (String text :
        List.of(
            "constant",
            "step,every=2,factor=0.5,from=4",
            "exponential,factor=0.9",
            "cosine,to=0.1,warmup=5",
            "linear,to=0.1,warmup=5",
            "one-cycle,start=0.1,up=0.2,end=0.3",
            "plateau,factor=0.5,patience=3",
            "halve,by=0.01")) {
      assertEquals(text, Schedule.parse(text).text());
    }
    for (String text : List.of("step,every=0", "cosine,to=1", "halve,by=2", "sine", "step,at=3")) {
      assertThrows(IllegalArgumentException.class, () -> Schedule.parse(text), text);
    }
  }
}
