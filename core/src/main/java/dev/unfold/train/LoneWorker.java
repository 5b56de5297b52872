package dev.unfold.train;

import dev.unfold.argument.Refusal;
import dev.unfold.model.Parameters;
import java.util.List;

/// The only worker. It adds up its gradients itself, as they come.
final class LoneWorker implements Workers {
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
  public double sum(long place, Parameters sum, List<Parameters> more, double... losses) {
    if (!more.isEmpty()) {
      throw new Refusal("more", "none of the first worker, which adds them up", more.size());
    }
    double total = losses[0];
    for (int i = 1; i < losses.length; i++) {
      total += losses[i];
    }
    return total;
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
