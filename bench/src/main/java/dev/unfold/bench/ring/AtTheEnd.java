package dev.unfold.bench.ring;

import dev.unfold.model.Parameters;
import dev.unfold.train.Workers;
import java.util.List;

/// Workers that add up nothing before all of it is found: what it is worth to begin earlier is seen beside them.
///
/// @param own those that do it
record AtTheEnd(Workers own) implements Workers {
  @Override
  public int rank() {
    return own.rank();
  }

  @Override
  public int count() {
    return own.count();
  }

  @Override
  public Sum begin(long place, Parameters sum, List<Parameters> more) {
    Sum begun = own.begin(place, sum, more);
    return new Sum() {
      @Override
      public void finalFrom(long from) {
        // It is not told.
      }

      @Override
      public double finish(double... losses) {
        return begun.finish(losses);
      }
    };
  }

  @Override
  public byte[][] gather(byte... mine) {
    return own.gather(mine);
  }

  @Override
  public void requestStop() {
    own.requestStop();
  }

  @Override
  public boolean isStopRequested() {
    return own.isStopRequested();
  }

  @Override
  public void fail(String reason) {
    own.fail(reason);
  }
}
