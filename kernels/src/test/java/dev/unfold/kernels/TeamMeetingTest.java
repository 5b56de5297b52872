package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How the parts of a task meet: [Team#await]. A meeting that hangs fails by its time.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamMeetingTest {
  private static final int MEETINGS = 1_000;

  @Test
  void await_anySize_showsEachWhatAllWroteBefore() {
    for (int size = 1; size <= 4; size++) {
      assertMeets(Team.of(size), MEETINGS);
    }
  }

  @Test
  void await_moreMembersThanCores_showsEachWhatAllWroteBefore() {
    assertMeets(Team.of(2 * Runtime.getRuntime().availableProcessors() + 3), 50);
  }

  /// Each part writes its number, without any other order than that of the meetings, and reads those of all.
  private static void assertMeets(Team team, int meetings) {
    int[] written = new int[team.size()];
    for (int task = 0; task < 3; task++) {
      int base = task * meetings;
      team.run((part, parts) -> {
        for (int meeting = base; meeting < base + meetings; meeting++) {
          written[part] = meeting;
          team.await(part);
          for (int other = 0; other < parts; other++) {
            assertEquals(meeting, written[other], "part " + part + " reads part " + other);
          }
          team.await(part);
        }
      });
    }
  }

  @Test
  void await_memberThatComesLate_isWaitedFor() {
    Team team = Team.of(3);
    for (int late = 0; late < 3; late++) {
      int sleeper = late;
      int[] written = new int[1];
      team.run((part, parts) -> {
        if (part == sleeper) {
          sleep(50);
          written[0] = 1;
        }
        team.await(part);
        assertEquals(1, written[0], "part " + part + " did not wait for part " + sleeper);
      });
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
  void await_partThatThrows_breaksTheMeetingForTheOthers() {
    for (int size = 2; size <= 4; size++) {
      Team team = Team.of(size);
      for (int thrower = 0; thrower < size; thrower++) {
        assertBreaks(team, thrower, 0);
        assertBreaks(team, thrower, 20);
        assertMeets(team, 10);
      }
    }
  }

  /// The failure itself is thrown, not that of a part which missed the thrower.
  private static void assertBreaks(Team team, int thrower, long millis) {
    RuntimeException failure = new UnsupportedOperationException("part " + thrower);
    AtomicReferenceArray<RuntimeException> caught = new AtomicReferenceArray<>(team.size());
    Team.Task task =
        (part, parts) -> {
          try {
            team.await(part);
            if (part == thrower) {
              sleep(millis);
              throw failure;
            }
            team.await(part);
          } catch (RuntimeException e) {
            caught.set(part, e);
            throw e;
          }
        };
    assertSame(failure, assertThrows(RuntimeException.class, () -> team.run(task)));
    IntStream.range(0, team.size())
        .filter(part -> part != thrower)
        .forEach(part -> assertBroken(caught.get(part)));
  }

  private static void assertBroken(RuntimeException error) {
    assertInstanceOf(IllegalStateException.class, error);
    assertEquals("team: another part of the task has failed", error.getMessage());
  }
}
