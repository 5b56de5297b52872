package dev.unfold.run.ring;

import dev.unfold.train.WorkerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The thread that runs a call of a wire while another one finds the numbers for it.
///
/// **Threads**: one caller at a time, but for [#close].
final class Courier implements AutoCloseable {
  /// How long others are told why this is the end, at most.
  private static final long FAREWELL = 2;

  private final Peers peers;
  private final Wire wire;
  private final ExecutorService thread;
  private Future<?> running = CompletableFuture.completedFuture(null);

  Courier(Peers peers, Wire wire) {
    this.peers = peers;
    this.wire = wire;
    thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("unfold-ring-" + peers.rank()).daemon().factory());
  }

  /// Checks that another call can begin.
  ///
  /// **Errors**: [IllegalStateException] if one is on its way; [WorkerException] after the end.
  void expectIdle() {
    wire.expectOpen();
    if (!running.isDone()) {
      throw new IllegalStateException("expected one sum or other call at a time, got two");
    }
  }

  /// Begins a call; [#expectIdle] comes before it is made ready.
  void start(Call call) {
    try {
      running = thread.submit(() -> wire.run(call));
    } catch (RejectedExecutionException e) {
      // Another thread has closed it just now.
      wire.expectOpen();
      throw e;
    }
  }

  /// Waits for its end.
  ///
  /// **Errors**: [WorkerException] as [Wire#run], and what else it met.
  void await() {
    try {
      running.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case WorkerException failed -> throw failed;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException _) {
      WorkerException interrupted = new WorkerException(peers.name() + " was interrupted");
      end(interrupted);
      Thread.currentThread().interrupt();
      throw interrupted;
    }
  }

  /// Tells the neighbours why this is the end.
  void end(WorkerException why) {
    wire.endRun(why);
    boolean isInterrupted = Thread.interrupted();
    try {
      running.get(FAREWELL, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException _) {
      // It has told them, or cannot.
    } catch (InterruptedException _) {
      isInterrupted = true;
    }
    wire.end(why);
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    wire.close();
    thread.shutdown();
  }
}
