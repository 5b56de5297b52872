package dev.unfold.spark;

import dev.unfold.data.source.DataException;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;

/// One of those who train.
final class Worker {
  private final BarrierTaskContext context;
  private final Place place;
  private final byte[] secret;

  Worker(BarrierTaskContext context, Place place, byte[] secret) {
    this.context = context;
    this.place = place;
    this.secret = secret;
  }

  /// Trains.
  ///
  /// @return of the first worker what comes of it, of the others nothing
  List<Outcome> train(Shipment shipment) {
    Path model = null;
    try {
      model = Files.createTempFile("unfold-", ".safetensors");
      Files.delete(model);
      TrainingRun run;
      try {
        run = shipment.job().run(kernels(), Team.of(place.threads()), model, Optional.empty());
      } catch (IllegalArgumentException | DataException e) {
        // To try again would be in vain.
        return context.partitionId() == 0 ? List.of(Outcome.refused(e)) : List.of();
      }
      int code = run.train(new TaskReport(context));
      if (code != 0) {
        throw new IllegalStateException("training was stopped by a signal, code " + code);
      }
      return List.of(Outcome.of(Files.readAllBytes(model)));
    } catch (IOException e) {
      throw new UncheckedIOException("model: cannot be copied: " + e.getMessage(), e);
    } finally {
      if (model != null) {
        model.toFile().delete();
      }
    }
  }

  private Kernels kernels() {
    return ModelBytes.kernels(place.backend());
  }
}
