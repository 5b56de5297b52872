package dev.unfold.kernels.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How the phases of a task follow each other: [Team.Phases]. A phase that hangs fails by its time.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamMeetingTest {
  private static final int PHASES = 2_000;

  @Test
  void phases_anySize_seeWhatAllPartsWroteBefore() {
    for (int size = 1; size <= 4; size++) {
      assertMeets(Team.of(size), PHASES);
    }
  }

  @Test
  void phases_moreMembersThanProcessors_seeWhatAllPartsWroteBefore() {
    int size = 2 * Runtime.getRuntime().availableProcessors() + 3;
    assertMeets(Team.of(size, size), 200);
  }

  @Test
  void phases_morePartsThanMembers_seeWhatAllPartsWroteBefore() {
    assertMeets(Team.of(5, 1), PHASES);
    assertMeets(Team.of(5, 2), PHASES);
    assertMeets(Team.of(Team.MOST), 10);
  }

  /// Each part writes the number of its phase, without any other order than that of the phases, and in the next
  /// reads those of all.
  private static void assertMeets(Team team, int phases) {
    int[][] written = new int[2][team.size()];
    for (int task = 0; task < 3; task++) {
      int base = 1 + task * phases;
      team.run(
          (phase, part, parts) -> {
            int number = base + phase;
            for (int other = 0; phase > 0 && other < parts; other++) {
              int seen = written[(number - 1) % 2][other];
              assertEquals(number - 1, seen, "part " + part + " reads part " + other);
            }
            written[number % 2][part] = number;
          },
          phases);
      for (int part = 0; part < team.size(); part++) {
        assertEquals(base + phases - 1, written[(base + phases - 1) % 2][part]);
      }
    }
  }

  @Test
  void phases_ofAnyTask_runEachPartOnce() {
    for (int size = 1; size <= 4; size++) {
      Team team = Team.of(size, Math.min(size, 3));
      for (int phases : new int[] {0, 1, 2, 300}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(size * phases + 1);
        team.run((phase, part, parts) -> runs.incrementAndGet(phase * parts + part), phases);
        for (int i = 0; i < size * phases; i++) {
          assertEquals(1, runs.get(i), "part " + i % size + " of phase " + i / size);
        }
      }
    }
  }

  @Test
  void phases_partThatTakesLong_isWaitedFor() {
    Team team = Team.of(3, 3);
    for (int late = 0; late < 3; late++) {
      int sleeper = late;
      int[] written = new int[1];
      team.run(
          (phase, part, parts) -> {
            if (phase == 0 && part == sleeper) {
              sleep(50);
              written[0] = 1;
            }
            assertTrue(phase == 0 || written[0] == 1, "did not wait for part " + sleeper);
          },
          2);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void phases_afterOneThatThrows_areNotRun() {
    for (int size = 1; size <= 4; size++) {
      Team team = Team.of(size, size);
      for (int thrower = 0; thrower < size; thrower++) {
        assertBreaks(team, thrower, 0);
        assertBreaks(team, thrower, 5);
        assertMeets(team, 10);
      }
    }
  }

  private static void assertBreaks(Team team, int thrower, long millis) {
    RuntimeException failure = new UnsupportedOperationException("part " + thrower);
    AtomicInteger last = new AtomicInteger();
    AtomicInteger runs = new AtomicInteger();
    Team.Phases phases =
        (phase, part, parts) -> {
          last.accumulateAndGet(phase, Math::max);
          runs.incrementAndGet();
          if (phase == 3 && part == thrower) {
            sleep(millis);
            throw failure;
          }
        };
    assertSame(failure, assertThrows(RuntimeException.class, () -> team.run(phases, 100)));
    assertEquals(3, last.get());
    int parts = team.size();
    assertTrue(runs.get() == 4 * parts || parts == 1, runs + " runs");
  }

  @Test
  void run_membersThatNeverCome_isDoneByTheCaller() {
    Crew crew = new Crew(3, 3);
    Thread caller = Thread.currentThread();
    AtomicInteger runs = new AtomicInteger();
    for (int task = 0; task < 5; task++) {
      crew.run(
          null,
          (phase, part, parts) -> {
            assertSame(caller, Thread.currentThread());
            runs.incrementAndGet();
          },
          100);
    }
    assertEquals(5 * 100 * 3, runs.get());
  }

  @Test
  void run_membersThatComeInTheMiddle_takePart() {
    Crew crew = new Crew(2, 2);
    Thread caller = Thread.currentThread();
    AtomicIntegerArray runs = new AtomicIntegerArray(1000);
    AtomicInteger byOthers = new AtomicInteger();
    Throwable failure =
        crew.run(
            null,
            (phase, part, parts) -> {
              runs.incrementAndGet(phase);
              if (Thread.currentThread() != caller) {
                byOthers.incrementAndGet();
              } else if (phase == 500 && part == 0) {
                crew.start();
              } else if (phase > 500 && byOthers.get() == 0) {
                sleep(1);
              }
            },
            1000);
    crew.end();
    assertEquals(null, failure);
    assertTrue(byOthers.get() > 0);
    for (int phase = 0; phase < 1000; phase++) {
      assertEquals(2, runs.get(phase), "phase " + phase);
    }
  }
}
