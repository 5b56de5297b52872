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
/// Chunks come from the last one down, as gradients are found from the readout down ([#ready]). What the losses are,
/// and whether all are to stop, comes at the end, as a part of its own.
///
/// **Threads**: one moves the bytes; another one, which has begun the call, says what is ready, and that it is all.
final class SumCall implements Call {
  /// Bytes of the part that is no chunk.
  static final int TAIL = 4 * Long.BYTES;

  private final Peers peers;
  private final ByteBuffer inbox = ByteBuffer.allocateDirect(Addends.MOST_CHUNK);
  private final MemorySegment arrived = MemorySegment.ofBuffer(inbox);
  private final ByteBuffer tailIn = ByteBuffer.allocateDirect(TAIL);
  private final ByteBuffer partialTail = ByteBuffer.allocateDirect(TAIL);
  private final ByteBuffer resultTail = ByteBuffer.allocateDirect(TAIL);
  private Addends addends;
  private long place;
  private double[] losses;
  private boolean asksToStop;

  /// How many parts there are: the chunks, and the tail.
  private int total;

  /// How many of them, in their order, have all that this worker adds to them.
  private volatile int ready;

  /// Whether a partial sum has come whose own numbers are not ready.
  private boolean isWaiting;

  /// How many partial sums were added to, can be sent, and were taken to be; and the same of results.
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

  void begin(long at, Addends of) {
    addends = of;
    place = at;
    total = of.chunks() + 1;
    ready = 0;
    isWaiting = false;
    partialsIn = 0;
    partialsOut = 0;
    resultsIn = 0;
    resultsReady = 0;
    resultsOut = 0;
    partialsReady = 0;
  }

  /// The last `chunks` chunks of this worker's own numbers are there.
  ///
  /// @return whether they are more than before
  boolean ready(int chunks) {
    boolean areMore = chunks > ready;
    if (areMore) {
      ready = chunks;
    }
    return areMore;
  }

  /// All of its own numbers are there.
  void finish(boolean stop, double... own) {
    asksToStop = stop;
    losses = own;
    ready = total;
  }

  /// The sum of the losses, when it is done.
  double loss() {
    return resultTail.getDouble(2 * Long.BYTES);
  }

  /// Whether somebody asked to stop.
  boolean isStopRequested() {
    return resultTail.getLong(3 * Long.BYTES) != 0;
  }

  @Override
  public void advance() {
    int now = ready;
    if (peers.rank() == 0) {
      while (partialsReady < now) {
        add(partialsReady++, null);
      }
    } else if (isWaiting && partialsIn < now) {
      isWaiting = false;
      addArrived();
    }
  }

  private boolean isTail(int part) {
    return part == total - 1;
  }

  /// Which chunk a part is.
  private int chunk(int part) {
    return total - 2 - part;
  }

  /// @param before what has come; null for nothing
  private void add(int part, MemorySegment before) {
    if (isTail(part)) {
      addTail(before == null ? null : tailIn);
    } else {
      addends.add(chunk(part), before);
    }
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
    return !isWaiting && !hasAll();
  }

  @Override
  public boolean hasAll() {
    // The last one makes the results.
    return (isLast() ? partialsIn : resultsIn) == total;
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
    if (isTail(index)) {
      return (isPartial ? tailIn : resultTail).clear();
    }
    return isPartial ? inbox.clear().limit(length) : addends.chunk(chunk(index));
  }

  private int length(int part) {
    return isTail(part) ? TAIL : addends.bytes(chunk(part));
  }

  @Override
  public void received() {
    if (acceptedKind == Frame.RESULT) {
      resultsIn++;
      resultsReady += passesResults() ? 1 : 0;
      return;
    }
    isWaiting = partialsIn >= ready;
    if (!isWaiting) {
      addArrived();
    }
  }

  private void addArrived() {
    add(partialsIn++, arrived.asSlice(0, inbox.limit()));
    if (isLast()) {
      resultsReady++;
    } else {
      partialsReady++;
    }
  }

  /// @param before null for the first
  private void addTail(ByteBuffer before) {
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
    ByteBuffer tail = isLast() ? resultTail : partialTail;
    tail.clear();
    tail.putLong(place).putLong(addends.numbers()).putDouble(loss).putLong(stop);
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
    if (!isTail(index)) {
      return addends.chunk(chunk(index));
    }
    return (isResult ? resultTail : partialTail).clear();
  }

  @Override
  public boolean hasSentAll() {
    return (isLast() || partialsOut == total) && (!passesResults() || resultsOut == total);
  }
}
