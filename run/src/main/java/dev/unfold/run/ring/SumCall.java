package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A sum over all workers, in the order of their ranks, chunk by chunk.
///
/// Each chunk goes along the chain
///
///     0 -> 1 -> .. -> W-1
///
/// where each worker adds its own to what comes, and back by the link that closes the ring,
///
///     W-1 -> 0 -> 1 .. -> W-2
///
/// While one chunk is on its way the next ones follow, and sums and results go over the same link side by side. So a
/// link carries all bytes about twice, as in a ring all-reduce, but the order of the additions is that of the ranks.
///
/// What the losses are, and whether all are to stop, comes first, as a chunk of its own.
final class SumCall implements Call {
  private static final int HEAD = 4 * Long.BYTES;

  private final Peers peers;
  private final ByteBuffer inbox = ByteBuffer.allocateDirect(Addends.MOST_CHUNK);
  private final MemorySegment arrived = MemorySegment.ofBuffer(inbox);
  private final ByteBuffer headIn = ByteBuffer.allocateDirect(HEAD);
  private final ByteBuffer partialHead = ByteBuffer.allocateDirect(HEAD);
  private final ByteBuffer resultHead = ByteBuffer.allocateDirect(HEAD);
  private Addends addends;
  private long place;
  private double[] losses;
  private boolean asksToStop;

  /// Of all chunks, the head among them.
  private int total;

  /// How many partial sums have come, can be sent, and were taken to be; and the same of results.
  private int partialsIn;

  private int partialsReady;
  private int partialsOut;
  private int resultsIn;
  private int resultsReady;
  private int resultsOut;
  private int acceptedKind;

  SumCall(Peers peers) {
    this.peers = peers;
  }

  void begin(long at, Addends of, boolean stop, double... own) {
    addends = of;
    place = at;
    losses = own;
    asksToStop = stop;
    total = 1 + of.chunks();
    partialsIn = 0;
    partialsOut = 0;
    resultsIn = 0;
    resultsReady = 0;
    resultsOut = 0;
    partialsReady = 0;
    if (peers.rank() == 0) {
      addHead(null);
      for (int c = 0; c < of.chunks(); c++) {
        of.add(c, null);
      }
      partialsReady = total;
    }
  }

  /// The sum of the losses, when it is done.
  double loss() {
    return resultHead.getDouble(2 * Long.BYTES);
  }

  /// Whether somebody asked to stop.
  boolean isStopRequested() {
    return resultHead.getLong(3 * Long.BYTES) != 0;
  }

  private boolean isLast() {
    return peers.rank() == peers.last();
  }

  /// Whether results go on from here: not to the last worker, who has them first.
  private boolean passesResults() {
    return isLast() || peers.rank() < peers.last() - 1;
  }

  @Override
  public boolean isExpecting() {
    return (peers.rank() > 0 && partialsIn < total) || (!isLast() && resultsIn < total);
  }

  @Override
  public ByteBuffer accept(int kind, int index, int length) {
    boolean isPartial = kind == Frame.PARTIAL && peers.rank() > 0;
    boolean isResult = kind == Frame.RESULT && !isLast();
    int expected = isPartial ? partialsIn : resultsIn;
    if (!(isPartial || isResult)
        || index != expected
        || index >= total
        || length != length(index)) {
      throw new WorkerException(
          "%s: expected part %d of a sum of %d numbers, got kind %d, part %d, %d bytes"
              .formatted(
                  peers.name(peers.before()), expected, addends.numbers(), kind, index, length));
    }
    acceptedKind = kind;
    if (index == 0) {
      return (isPartial ? headIn : resultHead).clear();
    }
    return isPartial ? inbox.clear().limit(length) : addends.chunk(index - 1);
  }

  private int length(int index) {
    return index == 0 ? HEAD : addends.bytes(index - 1);
  }

  @Override
  public void received() {
    if (acceptedKind == Frame.RESULT) {
      resultsIn++;
      resultsReady += passesResults() ? 1 : 0;
      return;
    }
    if (partialsIn == 0) {
      addHead(headIn);
    } else {
      addends.add(partialsIn - 1, arrived.asSlice(0, inbox.limit()));
    }
    partialsIn++;
    if (isLast()) {
      resultsReady++;
    } else {
      partialsReady++;
    }
  }

  /// @param before null for the first
  private void addHead(ByteBuffer before) {
    double loss = 0;
    long stop = asksToStop ? 1 : 0;
    int first = 0;
    if (before == null) {
      loss = losses[0];
      first = 1;
    } else {
      expectSame("numbers in the sum", before.getLong(Long.BYTES), addends.numbers());
      expectSame("place in the data", before.getLong(0), place);
      loss = before.getDouble(2 * Long.BYTES);
      stop |= before.getLong(3 * Long.BYTES);
    }
    for (int i = first; i < losses.length; i++) {
      loss += losses[i];
    }
    ByteBuffer head = isLast() ? resultHead : partialHead;
    head.clear();
    head.putLong(place).putLong(addends.numbers()).putDouble(loss).putLong(stop);
  }

  private void expectSame(String what, long before, long own) {
    if (before != own) {
      throw new WorkerException(
          "%s: expected the %s as %s has it, %d, got %d; do all have the same data and options?"
              .formatted(peers.name(), what, peers.name(peers.before()), before, own));
    }
  }

  @Override
  public boolean hasNext() {
    return resultsOut < resultsReady || partialsOut < partialsReady;
  }

  @Override
  public ByteBuffer take(Frame frame, int call) {
    boolean isResult = resultsOut < resultsReady;
    int index = isResult ? resultsOut++ : partialsOut++;
    frame.set(isResult ? Frame.RESULT : Frame.PARTIAL, call, index, length(index));
    if (index > 0) {
      return addends.chunk(index - 1);
    }
    return (isResult ? resultHead : partialHead).clear();
  }

  @Override
  public boolean hasSentAll() {
    return (isLast() || partialsOut == total) && (!passesResults() || resultsOut == total);
  }
}
