package dev.unfold.run;

import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;

/// Tells the user how a training run goes.
public interface Report extends AutoCloseable {
  /// It begins.
  void begin(TrainingRun run);

  /// Something happened; if it was the best validation so far, the model has been saved.
  void event(TrainingEvent event);

  /// The user wants it to stop. Called by another thread.
  void stopping();

  /// It has ended, and the best model, if there is one, is in its file.
  void end(TrainingRun run, TrainingResult result);

  @Override
  default void close() {}
}
