package dev.unfold.train.data;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;

/// Other data in batches of at most K steps, each of which goes on with the one before: for who changes parameters
/// every K steps, while sequences run.
///
/// A place of the other data becomes as many as its longest batch has pieces; those that a shorter batch lacks are
/// passed over.
public final class PiecesOfBatches extends DerivedData {
  private final int steps;

  /// Pieces of the longest batch.
  private final int pieces;

  /// The batch at hand, and its place; -1 if there is none.
  private Batch batch;

  private long at = -1;

  /// @param data whose batches are cut
  /// @param steps K
  public PiecesOfBatches(TrainingData data, int steps) {
    super(data);
    if (steps < 1) {
      throw new Refusal("steps", "K of 1 or more", steps);
    }
    this.steps = steps;
    pieces = Math.ceilDiv(data.steps(), steps);
    // Places are numbers of an int in an epoch.
    Math.multiplyExact(data.places(), pieces);
  }

  @Override
  public int steps() {
    return Math.min(steps, data().steps());
  }

  @Override
  public int updatesPerEpoch() {
    return data().updatesPerEpoch() * pieces;
  }

  @Override
  public int places() {
    return data().places() * pieces;
  }

  @Override
  public Batch batch(long place) {
    int from = (int) (place % pieces) * steps;
    Batch whole = whole(place / pieces);
    return whole.part(from, Math.min(from + steps, whole.steps()));
  }

  private Batch whole(long place) {
    if (at != place) {
      batch = data().batch(place);
      at = place;
    }
    return batch;
  }

  @Override
  public long next(long place) {
    long own = place / pieces;
    int next = (int) (place % pieces) + 1;
    return next * (long) steps < whole(own).steps() ? place + 1 : data().next(own) * pieces;
  }

  @Override
  public boolean goesOn(long place) {
    return place % pieces != 0 || data().goesOn(place / pieces);
  }

  @Override
  public int window() {
    return steps();
  }

  @Override
  public void setWindow(int window) {
    // The other data's windows are whole.
  }

  @Override
  public void adapt(long updates, Network network, Team team) {
    // As above.
  }
}
