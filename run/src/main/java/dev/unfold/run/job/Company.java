package dev.unfold.run.job;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.CheckpointFile;
import dev.unfold.formats.model.Model;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.Report;
import dev.unfold.run.StopRequest;
import dev.unfold.run.TrainingRun;
import dev.unfold.train.TrainerState;
import dev.unfold.train.WorkerException;
import dev.unfold.train.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/// The others with whom a training run of this process is shared. What is refused in one process is refused in all, and
/// where the first goes on from a checkpoint, so do the others.
///
/// @param workers who they are, in a process that is not the user's own
/// @param attempt how often all have begun before
/// @param model where the best model goes, in a folder of this process
/// @param sign called at each event of the training: throws if this process is to end
/// @param stop the wish that all stop, told to any of them
public record Company(Workers workers, int attempt, Path model, Runnable sign, StopRequest stop) {
  private static final long POLL = 500;
  private static final long PATIENCE = 30_000_000_000L;

  private static final ScopedValue<Company> CURRENT = ScopedValue.newInstance();

  /// One that nobody stops.
  public Company(Workers workers, int attempt, Path model, Runnable sign) {
    this(workers, attempt, model, sign, new StopRequest());
  }

  /// Checks that it is known.
  public Company {
    Expect.given("workers", workers);
    Expect.given("model", model);
  }

  /// The company of this thread, if it has any.
  public static Optional<Company> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /// Calls something that is to have this company.
  public <T> T call(Callable<T> something) throws Exception {
    return ScopedValue.where(CURRENT, this).call(something::call);
  }

  /// `report` with the sign of this company.
  public Report watched(Report report) {
    return new WatchedReport(report, sign);
  }

  /// Takes something that a process of an attempt before may have still, on its way out.
  ///
  /// **Errors**: those of `taking`, half a minute later if there was an attempt before.
  public void take(Runnable taking) {
    long end = System.nanoTime() + PATIENCE;
    while (true) {
      try {
        taking.run();
        return;
      } catch (IllegalArgumentException e) {
        if (attempt == 0 || System.nanoTime() > end) {
          throw e;
        }
        sign.run();
        pause(e);
      }
    }
  }

  private static void pause(IllegalArgumentException refusal) {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refusal;
    }
  }

  /// Whether this process is the one that writes.
  public boolean isFirst() {
    return workers.rank() == 0;
  }

  /// What this process has of a run.
  ///
  /// @param checkpoint updates between checkpoints; 0 for none
  public TrainingRun.Share share(long checkpoint) {
    return new TrainingRun.Share(workers, checkpoint, stop);
  }

  /// Tells all others why this process cannot go on, unless they know.
  public void tell(Throwable failure) {
    if (Attempt.isInVain(failure)) {
      workers.refuse(Attempt.reason(failure));
    } else {
      workers.fail(Attempt.reason(failure));
    }
  }

  /// Prepares something, in all processes or in none.
  ///
  /// **Errors**: in all of them the [IllegalArgumentException] of the first that refused ([Attempt#isInVain]); what
  /// else fails in one of them, which is a [WorkerException] in all others.
  public <T> T prepare(Callable<T> something) throws Exception {
    T prepared = null;
    String refusal = "";
    try {
      prepared = something.call();
    } catch (Exception | OutOfMemoryError e) {
      if (!Attempt.isInVain(e)) {
        tell(e);
        throw e;
      }
      refusal = Attempt.reason(e);
    }
    byte[][] told = workers.gather(refusal.getBytes(StandardCharsets.UTF_8));
    for (byte[] each : told) {
      if (each.length > 0) {
        throw new IllegalArgumentException(new String(each, StandardCharsets.UTF_8));
      }
    }
    return prepared;
  }

  /// The checkpoint that all go on from, if the first has one.
  ///
  /// @param own that of the first; empty in all others
  /// @param described the network and what its training is told, which have to be the same in all
  ///
  /// **Errors**: [WorkerException] if they are not.
  public Optional<TrainerState> together(Optional<TrainerState> own, Model described) {
    expectSame(described);
    try {
      Path file = Files.createTempFile("unfold-", ".safetensors");
      try {
        byte[] bytes = {};
        if (own.isPresent()) {
          CheckpointFile.save(file, described, own.orElseThrow());
          bytes = Files.readAllBytes(file);
        }
        byte[] first = workers.gather(bytes)[0];
        if (isFirst() || first.length == 0) {
          return own;
        }
        Files.write(file, first);
        return Optional.of(CheckpointFile.load(file, described));
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint: cannot be copied: " + e.getMessage(), e);
    }
  }

  /// What the first says.
  public boolean asFirst(boolean own) {
    return workers.gather((byte) (own ? 1 : 0))[0][0] == 1;
  }

  /// Checks that all are to train the same, and compute it in the same way: vectors of another width add up in another
  /// order.
  ///
  /// @param described the network and what its training is told
  ///
  /// **Errors**: [WorkerException] that names the first which is not as that of the first.
  public void expectSame(Model described) {
    Map<String, String> told = new TreeMap<>(CheckpointFile.told(described));
    Kernels kernels = described.network().kernels();
    told.put("backend", "%s (%s)".formatted(kernels.name(), kernels.description()));
    described
        .provenance()
        .ifPresent(from -> told.put("data", from.training() + ", " + from.validation()));
    byte[][] all = workers.gather(told.toString().getBytes(StandardCharsets.UTF_8));
    String first = new String(all[0], StandardCharsets.UTF_8);
    for (int rank = 1; rank < all.length; rank++) {
      String other = new String(all[rank], StandardCharsets.UTF_8);
      if (!other.equals(first)) {
        int at = differs(first, other);
        throw new WorkerException(
            "rank %d: expected options, data and backend of rank 0, ...%s, got ...%s"
                .formatted(rank, shown(first, at), shown(other, at)));
      }
    }
  }

  private static int differs(String one, String other) {
    int at = 0;
    while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return at;
  }

  private static String shown(String text, int at) {
    return text.substring(Math.max(0, at - 30), Math.min(text.length(), at + 30));
  }

  /// Refuses a run that cannot be shared.
  ///
  /// @param blocks N
  public void expectBlocks(int blocks) {
    if (blocks < workers.count()) {
      throw new Refusal(
          "blocks", "%d or more, one for each worker".formatted(workers.count()), blocks);
    }
  }
}
