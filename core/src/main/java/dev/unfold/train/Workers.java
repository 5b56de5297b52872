package dev.unfold.train;

import dev.unfold.model.GradientListener;
import dev.unfold.model.Parameters;
import java.util.List;

/// The processes that train one network together. Each has all of the data, and parameters of its own, which are the
/// same in all; what they share is the work of an update: each finds the gradients of some blocks of every batch
/// ([TrainingOptions#blocks]), and all get the sum of all blocks.
///
/// **Order of the sum**: with N blocks it is
///
///     g = (..((g_0 + g_1) + g_2) .. + g_(N-1))
///
/// element by element, whoever has which block. So it is the same bits for any number of workers, and after it all
/// workers make the same update.
///
/// A method that says *all* returns when all workers have called it, in the same order of calls. If one of them fails
/// or is gone, it throws [WorkerException] in all others.
///
/// **Threads**: one caller at a time, but for [#requestStop].
public interface Workers {
  /// Which of them this is, 0 to W-1.
  int rank();

  /// W, how many there are.
  int count();

  /// The first of this one's blocks, `floor(r N / W)`.
  ///
  /// @param blocks N
  default int firstBlock(int blocks) {
    return firstBlock(blocks, rank());
  }

  /// The block after the last of this one's.
  ///
  /// @param blocks N
  default int untilBlock(int blocks) {
    return firstBlock(blocks, rank() + 1);
  }

  /// The first block of worker `rank`, or, if that is W, N.
  default int firstBlock(int blocks, int rank) {
    return (int) ((long) rank * blocks / count());
  }

  /// Begins to add up gradients and losses with all others, before they are found. What is there first is on its way
  /// while the rest is computed.
  ///
  /// @param place of the update in the data, which has to be that of all
  /// @param sum what this worker's first block is going to have, of worker 0 already with that of any number of the
  ///     next added; becomes the sum over all workers
  /// @param more what its other blocks are going to have, in their order
  Sum begin(long place, Parameters sum, List<Parameters> more);

  /// A sum over all workers on its way, of which each has one at a time.
  interface Sum extends GradientListener {
    /// What this worker adds to the numbers at `from` and after is there. They may be the sum of all at once: it leaves
    /// them alone from now on.
    @Override
    void finalFrom(long from);

    /// Adds the rest, and returns when all have: when it does, the sum is there.
    ///
    /// @param losses of its blocks, in their order
    /// @return the sum of the losses, in the same order
    double finish(double... losses);
  }

  /// All add up what they have.
  ///
  /// @return as [Sum#finish]
  default double sum(long place, Parameters sum, List<Parameters> more, double... losses) {
    return begin(place, sum, more).finish(losses);
  }

  /// All tell all others something.
  ///
  /// @return what each told, by rank
  byte[][] gather(byte... mine);

  /// Asks all to stop; may be called by any thread, at any time.
  void requestStop();

  /// Whether all are to stop. All see it after the same sum.
  boolean isStopRequested();

  /// Tells the others that this one cannot go on: what they wait for then throws.
  ///
  /// @param reason one line
  void fail(String reason);

  /// The same of what would end any other attempt in the same way, as options that cannot be used:
  /// [WorkerException#isFinal].
  ///
  /// @param reason one line
  default void refuse(String reason) {
    fail(reason);
  }

  /// One alone.
  static Workers alone() {
    return new LoneWorker();
  }
}
