package dev.unfold.kernels.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TeamTest {
  @Test
  void run_anySize_runsEachPartOnce() {
    for (int size = 1; size <= 5; size++) {
      Team team = Team.of(size);
      assertEquals(size, team.size());
      for (int round = 0; round < 500; round++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(size);
        int members = size;
        team.run((part, parts) -> {
          assertEquals(members, parts);
          runs.incrementAndGet(part);
        });
        for (int part = 0; part < size; part++) {
          assertEquals(1, runs.get(part), "part " + part + " of " + size);
        }
      }
    }
  }

  @Test
  void runAlone_severalPhases_runsAllPartsOfEachByTheCaller() {
    List<String> ran = new ArrayList<>();
    Thread caller = Thread.currentThread();
    Team.of(2)
        .runAlone(
            (phase, part, parts) -> {
              assertSame(caller, Thread.currentThread());
              ran.add(phase + " " + part + " of " + parts);
            },
            2);
    assertEquals(List.of("0 0 of 2", "0 1 of 2", "1 0 of 2", "1 1 of 2"), ran);
  }

  @Test
  void run_afterAPause_wakesParkedThreads() throws InterruptedException {
    Team team = Team.of(3);
    AtomicIntegerArray runs = new AtomicIntegerArray(3);
    for (int round = 0; round < 5; round++) {
      Thread.sleep(20);
      team.run((part, parts) -> runs.incrementAndGet(part));
    }
    assertEquals("[5, 5, 5]", runs.toString());
  }

  @Test
  void run_slowWorkers_waitsForThem() {
    int[] done = new int[1];
    Team.of(2)
        .run((part, parts) -> {
          if (part == 1) {
            sleep(50);
            done[0] = 1;
          }
        });
    assertEquals(1, done[0]);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void run_partThatThrows_throwsHereAfterAllPartsEnded() {
    Team team = Team.of(3);
    for (int thrower = 0; thrower < 3; thrower++) {
      RuntimeException failure = new IllegalStateException("part " + thrower);
      int failing = thrower;
      AtomicIntegerArray runs = new AtomicIntegerArray(3);
      var thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  team.run((part, parts) -> {
                    if (part == failing) {
                      throw failure;
                    }
                    sleep(20);
                    runs.incrementAndGet(part);
                  }));
      assertSame(failure, thrown);
      assertEquals(2, runs.get(0) + runs.get(1) + runs.get(2));
    }
    team.run((part, parts) -> {});
  }

  @Test
  void run_partThatThrowsAnError_throwsIt() {
    Team team = Team.of(2);
    assertThrows(
        AssertionError.class,
        () ->
            team.run((part, parts) -> {
              if (part == 1) {
                throw new AssertionError("part 1");
              }
            }));
  }

  @Test
  void run_teamWithinATeam_runsAllParts() {
    Team outer = Team.of(2);
    Team[] inner = {Team.of(2), Team.of(3)};
    AtomicIntegerArray runs = new AtomicIntegerArray(2);
    outer.run((part, parts) -> inner[part].run((p, ps) -> runs.incrementAndGet(part)));
    assertEquals("[2, 3]", runs.toString());
  }

  @Test
  void from_anyCount_splitsItEvenly() {
    for (int count : new int[] {0, 1, 7, 64, 1_000_003}) {
      for (int parts = 1; parts <= 7; parts++) {
        assertEquals(0, Team.from(count, 0, parts));
        assertEquals(count, Team.from(count, parts, parts));
        for (int part = 0; part < parts; part++) {
          int size = Team.from(count, part + 1, parts) - Team.from(count, part, parts);
          assertTrue(size == count / parts || size == count / parts + 1, "size " + size);
        }
      }
    }
  }

  @Test
  void from_largeCount_doesNotOverflow() {
    assertEquals(1_610_612_735, Team.from(Integer.MAX_VALUE, 3, 4));
  }

  @Test
  void of_noThreads_namesTheNumber() {
    var thrown = assertThrows(IllegalArgumentException.class, () -> Team.of(0));
    assertEquals("threads: expected 1 to 1024, got 0", thrown.getMessage());
  }

  @Test
  void of_tooManyThreads_namesTheNumber() {
    for (int size : new int[] {Team.MOST + 1, 100_000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      var thrown = assertThrows(IllegalArgumentException.class, () -> Team.of(size));
      assertEquals("threads: expected 1 to 1024, got " + size, thrown.getMessage());
    }
  }

  @Test
  void of_theMostThreads_runsAllParts() {
    Team team = Team.of(Team.MOST);
    AtomicIntegerArray runs = new AtomicIntegerArray(Team.MOST);
    team.run((part, parts) -> runs.incrementAndGet(part));
    for (int part = 0; part < Team.MOST; part++) {
      assertEquals(1, runs.get(part), "part " + part);
    }
  }

  @Test
  void run_byACallerThatIsInterrupted_runsAllPartsAndKeepsTheInterrupt() {
    Team team = Team.of(3, 3);
    AtomicIntegerArray runs = new AtomicIntegerArray(3);
    Thread.currentThread().interrupt();
    team.run((part, parts) -> runs.incrementAndGet(part));
    assertTrue(Thread.interrupted());
    assertEquals("[1, 1, 1]", runs.toString());
  }

  @Test
  void run_byASecondCaller_isRefused() {
    Team team = Team.of(2);
    IllegalStateException error =
        assertThrows(
            IllegalStateException.class,
            () -> team.run((part, parts) -> team.run((inner, count) -> {})));
    assertEquals("team: expected one caller at a time, got a second", error.getMessage());
    team.run((part, parts) -> {});
  }
}
