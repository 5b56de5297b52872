package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// A worker's two connections: one from the worker before it, one to the worker after it. [#run] moves the bytes of a
/// [Call] over both at once, by one thread, without waiting for either.
///
/// **Failures**: [Signs] says who is to blame for silence. Who finds out ([Frame#END]) tells both neighbours, and they
/// theirs.
///
/// **Threads**: one caller at a time, but for [#close].
final class Wire implements AutoCloseable {
  /// How long somebody who lost a neighbour waits for the other one to tell why, at most.
  private static final long MOST_GRACE = 1_000_000_000L;

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final Peers peers;
  private final SocketChannel in;
  private final SocketChannel out;
  private final Signs signs;
  private final Selector selector;
  private final SelectionKey inKey;
  private final SelectionKey outKey;
  private final Frame arriving = new Frame();
  private final Frame leaving = new Frame();
  private final ByteBuffer[] sending = {leaving.head, null};
  private final Farewell farewell = new Farewell();
  private final Farewell backwards = new Farewell();

  /// Where the bytes after the head go; null while there is no whole head.
  private ByteBuffer payload;

  private boolean isSending;

  /// Whether the worker after this one has left, which it may when it needs nothing more.
  private boolean hasNextLeft;

  private int number;

  /// Why nothing can be done any more; null while it can.
  private volatile WorkerException failure;

  /// Why another thread wants that; null if none does.
  private volatile WorkerException request;

  /// @param in from the worker before, not blocking
  /// @param out to the worker after, not blocking
  Wire(Peers peers, SocketChannel in, SocketChannel out, Duration timeout) throws IOException {
    this.peers = peers;
    this.in = in;
    this.out = out;
    signs = new Signs(peers, timeout);
    selector = Selector.open();
    inKey = in.register(selector, 0);
    outKey = out.register(selector, 0);
    arriving.head.clear();
  }

  /// Does the first thing that all do together, while some may still be on the way in. They are given as long again, so
  /// that who waits for them at the door is the one to say that they are missing.
  void begin(Call call) {
    signs.stretch(2);
    run(call);
    signs.shrink(2);
  }

  /// **Errors**: [WorkerException] that says why nothing can be done any more, if so.
  void expectOpen() {
    if (failure != null) {
      throw failure;
    }
  }

  /// Does what all do together.
  ///
  /// **Errors**: [WorkerException] if somebody fails, is gone, or silent; nothing can be done after that.
  void run(Call call) {
    expectOpen();
    number++;
    signs.begin();
    try {
      while (isSending || call.isExpecting() || !call.hasSentAll()) {
        if (Thread.interrupted()) {
          throw interrupted();
        }
        if (request != null) {
          throw request;
        }
        call.advance();
        boolean moved = receive(call);
        moved |= send(call);
        if (!moved) {
          pause(call);
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another thread may have closed it.
      WorkerException closed = failure;
      WorkerException reason =
          e instanceof WorkerException known
              ? known
              : new WorkerException(peers.name() + " failed: " + e, e);
      end(reason);
      throw closed == null ? reason : closed;
    }
  }

  /// Lets a [#run] of another thread look again at what can be done.
  void wake() {
    selector.wakeup();
  }

  /// Lets a [#run] of another thread end at once, as [#end] does.
  void endRun(WorkerException why) {
    request = why;
    wake();
  }

  private WorkerException interrupted() {
    WorkerException interrupted = new WorkerException(peers.name() + " was interrupted");
    // Channels close in the hands of an interrupted thread, and the others would not be told.
    end(interrupted);
    Thread.currentThread().interrupt();
    return interrupted;
  }

  /// @return whether something came
  private boolean receive(Call call) {
    if (payload == null && !call.isExpecting()) {
      return false;
    }
    try {
      int count = in.read(payload == null ? arriving.head : payload);
      if (count < 0) {
        throw lost(peers.before(), "closed the connection");
      }
      if (count > 0) {
        signs.hear();
      }
      boolean moved = count > 0;
      if (payload == null && !arriving.head.hasRemaining()) {
        moved = true;
        open(call);
      }
      if (payload != null && !payload.hasRemaining()) {
        moved = true;
        finish(call);
      }
      return moved;
    } catch (IOException e) {
      throw lost(peers.before(), e.getMessage());
    }
  }

  /// A head is there.
  private void open(Call call) {
    switch (arriving.kind()) {
      case Frame.ALIVE -> arriving.head.clear();
      case Frame.END, Frame.REFUSED -> payload = farewell.textOf(arriving);
      default -> {
        if (arriving.call() != number) {
          throw new WorkerException(
              "%s: expected what belongs to call %d, got that of call %d; have all the same data and options?"
                  .formatted(peers.name(peers.before()), number, arriving.call()));
        }
        payload = call.accept(arriving.kind(), arriving.index(), arriving.length());
      }
    }
  }

  /// What follows the head is there.
  private void finish(Call call) {
    payload = null;
    arriving.head.clear();
    if (arriving.isEnd()) {
      throw farewell.said(arriving);
    }
    call.received();
    if (call.hasAll()) {
      signs.expectToBeTaken();
    }
  }

  /// @return whether something was sent
  private boolean send(Call call) throws IOException {
    if (!isSending) {
      if (!call.hasNext()) {
        return false;
      }
      sending[1] = call.take(leaving, number);
      isSending = true;
    }
    try {
      if (out.write(sending) > 0) {
        signs.take();
      }
    } catch (IOException e) {
      throw lost(peers.after(), e.getMessage());
    }
    if (sending[0].hasRemaining() || sending[1].hasRemaining()) {
      return false;
    }
    isSending = false;
    return true;
  }

  /// Waits until something can be done, and says meanwhile that this worker is there.
  private void pause(Call call) throws IOException {
    boolean waits = payload != null || call.isExpecting();
    inKey.interestOps(waits ? SelectionKey.OP_READ : 0);
    int listening = hasNextLeft ? 0 : SelectionKey.OP_READ;
    outKey.interestOps(listening | (isSending ? SelectionKey.OP_WRITE : 0));
    selector.select(signs.pause());
    selector.selectedKeys().clear();
    if (outKey.isReadable()) {
      listen(call);
    }
    signs.check(waits, isSending && call.hasAll());
    if (!isSending && !hasNextLeft && signs.areDue()) {
      leaving.set(Frame.ALIVE, number, 0, 0);
      sending[1] = NOTHING;
      isSending = true;
    }
  }

  /// Hears what the worker after this one says of an end, or that it has left.
  private void listen(Call call) {
    boolean isOver;
    try {
      isOver = backwards.isOver(out);
    } catch (IOException e) {
      isOver = true;
    }
    if (isOver) {
      boolean isSendingNumbers = isSending && leaving.kind() != Frame.ALIVE;
      if (isSendingNumbers || !call.hasSentAll()) {
        throw lost(peers.after(), "closed the connection");
      }
      hasNextLeft = true;
      isSending = false;
    }
  }

  /// A neighbour is gone. Why, the other one may know.
  private WorkerException lost(int neighbour, String how) {
    long end = System.nanoTime() + Math.min(MOST_GRACE, signs.interval());
    try {
      while (!hasNextLeft && !backwards.isOver(out) && System.nanoTime() < end) {
        inKey.interestOps(0);
        outKey.interestOps(SelectionKey.OP_READ);
        selector.select(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        selector.selectedKeys().clear();
      }
    } catch (WorkerException told) {
      return told;
    } catch (IOException _) {
      // It knows nothing.
    }
    return new WorkerException(
        "%s has gone (%s)".formatted(peers.name(neighbour), how == null ? "no reason known" : how));
  }

  /// Tells the neighbours why this is the end, and closes.
  synchronized void end(WorkerException why) {
    if (failure != null) {
      return;
    }
    failure = why;
    Farewell.tell(in, peers.rank(), why);
    // In the midst of a frame it would be taken for a part of that.
    if (!isSending || leaving.head.position() == 0) {
      Farewell.tell(out, peers.rank(), why);
    }
    close();
  }

  @Override
  public synchronized void close() {
    if (failure == null) {
      failure = new WorkerException(peers.name() + " has left the ring");
    }
    for (AutoCloseable each : new AutoCloseable[] {in, out, selector}) {
      try {
        each.close();
      } catch (Exception e) {
        System.getLogger(Wire.class.getName())
            .log(System.Logger.Level.DEBUG, "a connection could not be closed", e);
      }
    }
  }
}
