package dev.unfold.spark;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.job.Attempt;
import dev.unfold.run.job.Company;
import dev.unfold.run.job.TrainingJob;
import dev.unfold.run.ring.Ring;
import dev.unfold.train.TrainerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of those who train.
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final BarrierTaskContext context;
  private final Place place;

  Worker(BarrierTaskContext context, Place place) {
    this.context = context;
    this.place = place;
  }

  private record Prepared(
      TrainingRun run, Optional<RunFolder> folder, Optional<TrainerState> from) {}

  /// Trains.
  ///
  /// @param secret of the workers
  /// @return of the first worker what comes of it, of the others nothing
  List<Outcome> train(Shipment shipment, byte[] secret) throws Exception {
    TrainingJob job = shipment.job();
    Path model = Files.createTempFile("unfold-", ".safetensors");
    Optional<RunFolder> folder = Optional.empty();
    try (Ring ring = Rendezvous.join(context, secret, Duration.ofSeconds(place.patience()))) {
      Files.delete(model);
      Company company =
          new Company(ring, context.stageAttemptNumber(), model, context::killTaskIfInterrupted);
      try {
        folder = folder(job, company);
        Optional<RunFolder> taken = folder;
        train(company, company.prepare(() -> prepare(job, company, taken)));
      } catch (Exception | OutOfMemoryError e) {
        company.tell(e);
        if (!Attempt.isInVain(e)) {
          throw e;
        }
        return company.isFirst() ? List.of(Outcome.refused(Attempt.reason(e))) : List.of();
      }
      return company.isFirst() ? List.of(Outcome.of(Files.readAllBytes(model))) : List.of();
    } finally {
      folder.ifPresent(RunFolder::close);
      Files.deleteIfExists(model);
    }
  }

  private void train(Company company, Prepared prepared) {
    TrainingRun run = prepared.run();
    Optional<TrainerState> from = company.together(prepared.from(), run.described());
    from.ifPresent(state ->
        LOG.info(
            "worker {}: goes on after update {}",
            context.partitionId(),
            state.progress().updates()));
    int code = run.train(new TaskReport(context), from);
    if (code != 0) {
      throw new IllegalStateException("training was stopped by a signal, code " + code);
    }
  }

  private Optional<RunFolder> folder(TrainingJob job, Company company) {
    return company.isFirst() && !place.run().isEmpty()
        ? Optional.of(new RunFolder(Path.of(place.run()), place.checkpoint(), 0, job.lines()))
        : Optional.empty();
  }

  private Prepared prepare(TrainingJob job, Company company, Optional<RunFolder> folder) {
    boolean goesOn = folder.isPresent() && RunFolder.isRun(Path.of(place.run()));
    if (folder.isPresent()) {
      RunFolder own = folder.get();
      company.take(goesOn ? own::open : own::begin);
    }
    Kernels kernels = ModelBytes.kernels(place.backend());
    TrainingRun run =
        job.run(
            kernels,
            Team.of(place.threads()),
            company.model(),
            folder,
            company.share(place.run().isEmpty() ? 0 : place.checkpoint()));
    company.expectBlocks(run.options().blocks());
    if (folder.isEmpty()) {
      return new Prepared(run, folder, Optional.empty());
    }
    if (!goesOn) {
      folder.get().describe(run.described(), place.threads());
      return new Prepared(run, folder, Optional.empty());
    }
    return new Prepared(
        run, folder, folder.get().resume(run.described(), place.threads(), LOG::warn));
  }
}
