package dev.unfold.serve;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import java.time.InstantSource;
import java.util.Optional;

/// Runs models before anybody asks, so that the first who does not waits for the compiler.
final class WarmUp {
  private static final int STEPS = 5000;

  /// For all steps of a model.
  private static final long NANOS = 500_000_000;

  private WarmUp() {}

  static void of(Models models) {
    models.all().stream().filter(model -> model.sessions().isPresent()).forEach(WarmUp::of);
  }

  private static void of(ServedModel model) {
    ModelVersion version = model.version();
    Inputs row = row(version);
    // Sessions of its own: nobody sees them.
    try (Sessions sessions =
        Sessions.of(version, SessionOptions.defaults(), InstantSource.system())) {
      Session session = sessions.open("warm-up");
      long end = System.nanoTime() + NANOS;
      for (int i = 0; i < STEPS && System.nanoTime() < end; i++) {
        session.step(row);
      }
    }
  }

  private static Inputs row(ModelVersion version) {
    return switch (version.network().spec().encoder()) {
      case Encoder.Embedding _ -> new Inputs.Tokens(new int[] {0}, 0);
      case Encoder.Vectors vectors -> new Inputs.Vectors(numbers(version, vectors.width()));
      case Encoder.Columns columns -> {
        Optional<Matrix> numbers =
            columns.numbers() == 0
                ? Optional.empty()
                : Optional.of(numbers(version, columns.numbers()));
        yield new Inputs.Columns(numbers, new int[columns.categories().size()][1], 0);
      }
    };
  }

  private static Matrix numbers(ModelVersion version, int width) {
    return Matrix.onHeap(version.network().kernels().type(), 1, width);
  }
}
