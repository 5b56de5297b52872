package dev.unfold.layer;

import java.util.Arrays;

/// Which states of a long sequence are kept, and which of its parts are computed again, so that the error can be
/// followed back through all of it in little memory: the schedule with the fewest forward runs.
///
/// A sequence is a row of n segments. What a backward pass through a segment needs is its *tape*, which a forward run
/// over it leaves; one tape is there for the segment at hand. In the memory beside it states between segments may be
/// kept, of one unit each, or further tapes, of r units. With m units free, the fewest runs F(n, m) over single
/// segments are
///
///     F(0, m) = 0        F(1, m) = 1
///     F(n, m) = min over y of
///         y + F(n - y, m - 1) + F(y, m)             keep the state after y segments
///         y + F(n - y, m - r) + F(y - 1, m)         keep the tape of the y-th segment
///         n + F(n - 1, m)                           keep nothing
///
/// In each the forward run goes right, the right part is done, then the left one from the state before it.
///
/// **Source**: A. Gruslys, R. Munos, I. Danihelka, M. Lanctot, A. Graves, Memory-efficient backpropagation through
/// time, NIPS 2016 (arXiv 1606.03401), the mixed strategy; with states alone it is that of A. Griewank and A. Walther,
/// ACM TOMS 26 (2000).
///
/// **Memory**: n m numbers, and n^2 m operations to make it.
public final class RecomputationSchedule {
  private final int units;
  private final int tapeUnits;

  /// F by n and m.
  private final int[][] runs;

  /// y by n and m: positive to keep a state, negative a tape, 0 nothing.
  private final int[][] choices;

  /// @param segments the most segments, n
  /// @param units the units of memory beside one tape, m
  /// @param tapeUnits the units of a tape, r
  public RecomputationSchedule(int segments, int units, int tapeUnits) {
    this.units = units;
    this.tapeUnits = tapeUnits;
    runs = new int[segments + 1][units + 1];
    choices = new int[segments + 1][units + 1];
    Arrays.fill(runs[Math.min(1, segments)], Math.min(1, segments));
    for (int n = 2; n <= segments; n++) {
      for (int m = 0; m <= units; m++) {
        choose(n, m);
      }
    }
  }

  private void choose(int n, int m) {
    int best = n + runs[n - 1][m];
    int choice = 0;
    for (int y = 1; y < n && m > 0; y++) {
      int state = y + runs[n - y][m - 1] + runs[y][m];
      if (state < best) {
        best = state;
        choice = y;
      }
      if (m >= tapeUnits) {
        int tape = y + runs[n - y][m - tapeUnits] + runs[y - 1][m];
        if (tape < best) {
          best = tape;
          choice = -y;
        }
      }
    }
    runs[n][m] = best;
    choices[n][m] = choice;
  }

  /// How many forward runs over single segments `segments` take, at least one each.
  public int runs(int segments) {
    return runs[segments][units];
  }

  /// The most states that are kept at a time for `segments` segments.
  public int mostStates(int segments) {
    Most most = new Most();
    run(segments, most);
    return most.mostStates;
  }

  /// The most tapes that are kept at a time beside the one at hand.
  public int mostTapes(int segments) {
    Most most = new Most();
    run(segments, most);
    return most.mostTapes;
  }

  /// Counts what is kept, and does nothing.
  private static final class Most implements Worker {
    int states;
    int tapes;
    int mostStates;
    int mostTapes;

    @Override
    public void advance(int first, int count) {}

    @Override
    public void keepState(int segment) {
      states++;
      mostStates = Math.max(mostStates, states);
    }

    @Override
    public void dropState(int segment) {
      states--;
    }

    @Override
    public void keepTape(int segment) {
      tapes++;
      mostTapes = Math.max(mostTapes, tapes);
    }

    @Override
    public void reverse(int segment) {}

    @Override
    public void reverseKept(int segment) {
      tapes--;
    }
  }

  /// Does the backward passes of `segments` segments, from the last to the first.
  public void run(int segments, Worker worker) {
    run(0, segments, units, worker);
  }

  private void run(int first, int count, int free, Worker worker) {
    int rest = count;
    while (rest > 0) {
      int choice = choices[rest][free];
      if (rest == 1 || choice == 0) {
        worker.advance(first, rest - 1);
        worker.reverse(first + rest - 1);
        rest--;
      } else if (choice > 0) {
        worker.advance(first, choice);
        worker.keepState(first + choice);
        run(first + choice, rest - choice, free - 1, worker);
        worker.dropState(first + choice);
        rest = choice;
      } else {
        int kept = first - choice - 1;
        worker.advance(first, -choice - 1);
        worker.keepTape(kept);
        run(kept + 1, rest + choice, free - tapeUnits, worker);
        worker.reverseKept(kept);
        rest = -choice - 1;
      }
    }
  }

  /// Does what a schedule says. The state before segment 0 is always there.
  public interface Worker {
    /// Starts from the kept state before segment `first`, or the end of the kept tape before it, and runs forward over
    /// `count` segments, 0 or more.
    void advance(int first, int count);

    /// Keeps the state that was reached, that before `segment`.
    void keepState(int segment);

    /// Forgets the state before `segment`.
    void dropState(int segment);

    /// Runs forward over `segment` from the state that was reached and keeps its tape.
    void keepTape(int segment);

    /// Runs forward over `segment` from the state that was reached, and back.
    void reverse(int segment);

    /// Goes back over `segment` by its kept tape, which is not needed after that.
    void reverseKept(int segment);
  }
}
