package dev.unfold.run.job;

import dev.unfold.data.source.DataException;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.output.FailureException;
import dev.unfold.train.TrainingException;
import dev.unfold.train.WorkerException;

/// Tells apart what another attempt may do better, as after a machine was lost, and what it would fail of again.
public final class Attempt {
  private Attempt() {}

  /// Whether another attempt with the same options, data and machines would end in the same way: for options, data and
  /// files that cannot be used, too little memory, and a training that diverges.
  public static boolean isInVain(Throwable failure) {
    return switch (failure) {
      case IllegalArgumentException _, DataException _, TrainingException _, OutOfMemoryError _ ->
          true;
      case FormatException format -> !(format instanceof WriteException);
      case WorkerException worker -> worker.isFinal();
      case FailureException told -> told.getCause() != null && isInVain(told.getCause());
      default -> false;
    };
  }

  /// What it failed of, in one line: without what a [FailureException] adds of files on the machine that it was on.
  public static String reason(Throwable failure) {
    Throwable told =
        failure instanceof FailureException && failure.getCause() instanceof TrainingException cause
            ? cause
            : failure;
    String message = told.getMessage() == null ? told.toString() : told.getMessage();
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
