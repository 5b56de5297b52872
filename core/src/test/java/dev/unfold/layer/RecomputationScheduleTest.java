package dev.unfold.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is kept and what is computed again.
final class RecomputationScheduleTest {
  private static final int NEVER = 1_000_000;

  /// Follows a schedule and checks that it never uses what is not there.
  private static final class Follower implements RecomputationSchedule.Worker {
    final Set<Integer> states = new HashSet<>(Set.of(0));
    final Set<Integer> tapes = new HashSet<>();
    final int tapeUnits;
    int reached;
    int runs;
    int next;
    int most;

    Follower(int segments, int tapeUnits) {
      next = segments - 1;
      this.tapeUnits = tapeUnits;
    }

    @Override
    public void advance(int first, int count) {
      assertTrue(states.contains(first) || tapes.contains(first - 1), "state before " + first);
      reached = first + count;
      runs += count;
    }

    @Override
    public void keepState(int segment) {
      assertEquals(reached, segment);
      assertTrue(states.add(segment));
      count();
    }

    private void count() {
      most = Math.max(most, states.size() - 1 + tapes.size() * tapeUnits);
    }

    @Override
    public void dropState(int segment) {
      assertTrue(states.remove(segment));
    }

    @Override
    public void keepTape(int segment) {
      assertEquals(reached, segment);
      assertTrue(tapes.add(segment));
      runs++;
      count();
    }

    @Override
    public void reverse(int segment) {
      assertEquals(reached, segment);
      assertEquals(next, segment);
      next--;
      runs++;
    }

    @Override
    public void reverseKept(int segment) {
      assertEquals(next, segment);
      next--;
      assertTrue(tapes.remove(segment));
    }
  }

  @Test
  void run_ofAnySchedule_goesBackOverAllInTheMemoryAndRunsThatItSays() {
    for (int tapeUnits : new int[] {1, 2, 5, 40}) {
      for (int units : new int[] {0, 1, 2, 3, 7, 20, 60}) {
        RecomputationSchedule schedule = new RecomputationSchedule(40, units, tapeUnits);
        for (int segments = 0; segments <= 40; segments++) {
          Follower follower = new Follower(segments, tapeUnits);
          schedule.run(segments, follower);
          String what = segments + " segments, " + units + " units, tapes of " + tapeUnits;
          assertEquals(-1, follower.next, what);
          assertEquals(schedule.runs(segments), follower.runs, what);
          assertTrue(follower.most <= units, what);
          assertEquals(Set.of(0), follower.states, what);
          assertTrue(schedule.mostStates(segments) <= units, what);
        }
      }
    }
  }

  /// With states alone the fewest runs are known: with s states (that at the start among them) and r the least number
  /// with C(s + r, s) >= n, each segment is advanced over r times but for C(s + r, r - 1) in all, and once more to go
  /// back.
  @Test
  void runs_withStatesAlone_areTheBinomialOptimum() {
    for (int units : new int[] {1, 2, 3, 5, 9}) {
      RecomputationSchedule schedule = new RecomputationSchedule(100, units, NEVER);
      for (int n = 1; n <= 100; n++) {
        int s = units + 1;
        int r = 0;
        while (choose(s + r, s) < n) {
          r++;
        }
        double expected = (double) r * n - (r == 0 ? 0 : choose(s + r, r - 1)) + n;
        assertEquals(expected, schedule.runs(n), "n=" + n + ", s=" + s);
      }
    }
  }

  private static double choose(int n, int k) {
    double result = 1;
    for (int i = 1; i <= k; i++) {
      result = result * (n - k + i) / i;
    }
    return Math.rint(result);
  }

  @Test
  void runs_withRoomForAllTapes_areOneForEachSegment() {
    assertEquals(30, new RecomputationSchedule(30, 29 * 4, 4).runs(30));
    assertEquals(59, new RecomputationSchedule(30, 29, 40).runs(30));
  }
}
