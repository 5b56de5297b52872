package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.run.learn.LearnFolder;
import dev.unfold.run.learn.LearnListener;
import dev.unfold.run.learn.LearnOptions;
import dev.unfold.run.learn.OwnOptions;
import dev.unfold.run.learn.OwnWeights;
import dev.unfold.run.learn.ServedLearner;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/// How models learn while they are served.
///
/// @param options of the copy that learns
/// @param own of sessions with weights of their own
/// @param listener is told what happens
public record LearnSettings(LearnOptions options, OwnOptions own, LearnListener listener) {
  /// Checks that there is all.
  public LearnSettings {
    Expect.given("options", options);
    Expect.given("own", own);
    Expect.given("listener", listener);
  }

  /// What was promoted last in a folder, or the model itself.
  ModelVersion latest(Path folder, ModelVersion model) {
    return LearnFolder.latest(made(folder), model).orElse(model);
  }

  /// Lets the sessions of a model be learned from.
  ///
  /// @param given the model of its file
  /// @param folder where promotions are kept
  Lessons start(Sessions sessions, ModelVersion given, Path folder, InstantSource clock) {
    ServedLearner learner =
        ServedLearner.start(sessions, given, made(folder), options, listener, clock);
    return Lessons.of(learner, OwnWeights.of(sessions, own, learner::failed));
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new Refusal("learn", "a folder that can be made for what is promoted", e, e);
    }
  }
}
