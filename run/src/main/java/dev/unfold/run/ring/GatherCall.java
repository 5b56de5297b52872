package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.nio.ByteBuffer;

/// All tell all others something: each sends its own to the one after, then what it gets, but for what that one has
/// told itself.
///
/// **Memory**: what all tell, in the heap.
final class GatherCall implements Call {
  /// The most bytes that a worker may tell.
  static final int MOST = 1 << 30;

  private final Peers peers;
  private final byte[][] told;
  private int received;
  private int sent;

  GatherCall(Peers peers, byte... mine) {
    this.peers = peers;
    told = new byte[peers.count()][];
    told[peers.rank()] = mine;
  }

  /// By rank.
  byte[][] told() {
    return told;
  }

  /// Whose is the i-th that is sent; those that come are one further.
  private int owner(int i) {
    return Math.floorMod(peers.rank() - i, peers.count());
  }

  @Override
  public boolean isExpecting() {
    return !hasAll();
  }

  @Override
  public boolean hasAll() {
    return received == peers.last();
  }

  @Override
  public ByteBuffer accept(int kind, int index, int length) {
    int owner = owner(received + 1);
    if (kind != Frame.GATHERED || index != owner || length < 0 || length > MOST) {
      throw new WorkerException(
          "%s: expected at most %d bytes that %s tells, got kind %d, index %d, %d bytes"
              .formatted(peers.name(peers.before()), MOST, peers.name(owner), kind, index, length));
    }
    told[owner] = new byte[length];
    return ByteBuffer.wrap(told[owner]);
  }

  @Override
  public void received() {
    received++;
  }

  @Override
  public boolean hasNext() {
    return !hasSentAll() && sent <= received;
  }

  @Override
  public ByteBuffer take(Frame frame, int call) {
    int owner = owner(sent);
    sent++;
    frame.set(Frame.GATHERED, call, owner, told[owner].length);
    return ByteBuffer.wrap(told[owner]);
  }

  @Override
  public boolean hasSentAll() {
    return sent == peers.last();
  }
}
