package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;

/// Training data whose batches are made of those of others, place by place.
///
/// **Threads**: one at a time.
public abstract class DerivedData implements TrainingData {
  private final TrainingData data;

  /// Batches made of those of `data`.
  protected DerivedData(TrainingData data) {
    this.data = Expect.given("data", data);
  }

  /// What the batches are made of.
  protected final TrainingData data() {
    return data;
  }

  @Override
  public int steps() {
    return data.steps();
  }

  @Override
  public int batch() {
    return data.batch();
  }

  @Override
  public int updatesPerEpoch() {
    return data.updatesPerEpoch();
  }

  @Override
  public int places() {
    return data.places();
  }

  @Override
  public long next(long place) {
    return data.next(place);
  }

  @Override
  public boolean goesOn(long place) {
    return data.goesOn(place);
  }

  @Override
  public int window() {
    return data.window();
  }

  @Override
  public void setWindow(int window) {
    data.setWindow(window);
  }

  @Override
  public void adapt(long updates, Network network, Team team) {
    data.adapt(updates, network, team);
  }

  @Override
  public Reduction reduction() {
    return data.reduction();
  }
}
