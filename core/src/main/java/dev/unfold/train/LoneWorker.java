package dev.unfold.train;

import dev.unfold.argument.Refusal;
import dev.unfold.model.Parameters;
import java.util.List;

/// The only worker. It adds up its gradients itself, as they come.
final class LoneWorker implements Workers {
  private static final Sum SUM = new OwnSum();

  private volatile boolean stopRequested;

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public Sum begin(long place, Parameters sum, List<Parameters> more) {
    if (!more.isEmpty()) {
      throw new Refusal("more", "none of the first worker, which adds them up", more.size());
    }
    return SUM;
  }

  /// Nobody adds anything.
  private static final class OwnSum implements Sum {
    @Override
    public void finalFrom(long from) {
      // Nobody waits.
    }

    @Override
    public double finish(double... losses) {
      double total = losses[0];
      for (int i = 1; i < losses.length; i++) {
        total += losses[i];
      }
      return total;
    }
  }

  @Override
  public byte[][] gather(byte... mine) {
    return new byte[][] {mine};
  }

  @Override
  public void requestStop() {
    stopRequested = true;
  }

  @Override
  public boolean isStopRequested() {
    return stopRequested;
  }

  @Override
  public void fail(String reason) {
    // Nobody waits.
  }
}
