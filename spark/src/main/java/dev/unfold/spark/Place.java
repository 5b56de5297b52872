package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.io.Serializable;

/// Who trains.
///
/// @param workers W, tasks that train together
/// @param threads of each
/// @param backend that computes, or `auto`
/// @param run the folder of checkpoints; empty for none
/// @param checkpoint updates between checkpoints
/// @param patience seconds that a worker waits for a silent one
record Place(int workers, int threads, String backend, String run, int checkpoint, int patience)
    implements Serializable {
  private static final int MOST = 4096;

  Place {
    expect("workers", workers, MOST);
    expect("threads", threads, MOST);
    expect("checkpoint", checkpoint, Integer.MAX_VALUE);
    expect("patienceSeconds", patience, Integer.MAX_VALUE / 1000);
  }

  private static void expect(String name, int number, int most) {
    if (number < 1 || number > most) {
      throw new Refusal(name, "1 to %,d".formatted(most), number);
    }
  }
}
