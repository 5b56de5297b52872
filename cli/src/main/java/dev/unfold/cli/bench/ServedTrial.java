package dev.unfold.cli.bench;

import dev.unfold.cli.bench.DriftArguments.Streams;
import dev.unfold.run.learn.Decision;
import dev.unfold.run.learn.LearnListener;
import dev.unfold.run.learn.LearnOptions;
import dev.unfold.run.learn.OwnOptions;
import dev.unfold.run.learn.OwnStatus;
import dev.unfold.run.learn.OwnWeights;
import dev.unfold.run.learn.Scored;
import dev.unfold.run.learn.ServedLearner;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// A stream that a session reads, row by row, while its model learns: the learner within the calls, so that the same
/// stream gives the same numbers.
///
/// @param scored what was said of each segment
/// @param decisions what was served, and when that changed
/// @param seconds that answers and learning took
/// @param learning seconds of these that learning took
record ServedTrial(List<Scored> scored, List<Decision> decisions, double seconds, double learning) {
  private static final String ID = "stream";
  private static final String GIVEN = "given";

  /// Serves the model, and lets a copy of it learn.
  ///
  /// @param folder for what is promoted
  static ServedTrial of(Streams streams, LearnOptions options, Path folder) {
    List<Scored> scored = new ArrayList<>();
    List<Decision> decisions = new ArrayList<>();
    LearnListener listener =
        new LearnListener() {
          @Override
          public void scored(Scored segment) {
            scored.add(segment);
          }

          @Override
          public void decided(Decision decision) {
            decisions.add(decision);
          }

          @Override
          public void failed(RuntimeException failure) {
            throw failure;
          }
        };
    InstantSource clock = InstantSource.system();
    try (Sessions sessions = sessions(streams, clock);
        ServedLearner learner =
            ServedLearner.synchronous(sessions, folder, options, listener, clock)) {
      Session session = sessions.open(ID);
      long begun = System.nanoTime();
      Batch told = streams.told();
      for (int t = 0; t < told.steps(); t++) {
        Inputs row = row(told, t);
        session.step(row);
        learner.read(ID, t, row);
        if (!isText(told)) {
          learner.label(ID, t, told.targets().part(t, 1));
        }
      }
      learner.end(ID);
      double seconds = (System.nanoTime() - begun) / 1e9;
      return new ServedTrial(
          List.copyOf(scored), List.copyOf(decisions), seconds, learner.status().seconds());
    }
  }

  /// A session that learns with weights of its own.
  static StreamTrial own(Streams streams, OwnOptions options) {
    List<Double> losses = new ArrayList<>();
    try (Sessions sessions = sessions(streams, InstantSource.system())) {
      OwnWeights own = OwnWeights.of(sessions, options);
      sessions.open(ID);
      own.begin(ID);
      OwnStatus last = own.status(ID);
      long begun = System.nanoTime();
      Batch told = streams.told();
      for (int t = 0; t < told.steps(); t++) {
        own.step(ID, row(told, t));
        if (!isText(told)) {
          own.label(ID, t, told.targets().part(t, 1));
        }
        last = add(last, own.status(ID), losses);
      }
      add(last, own.freeze(ID), losses);
      double seconds = (System.nanoTime() - begun) / 1e9;
      return new StreamTrial(losses.stream().mapToDouble(Double::doubleValue).toArray(), seconds);
    }
  }

  /// The mean loss of what was learned between two looks, if anything was.
  private static OwnStatus add(OwnStatus last, OwnStatus now, List<Double> losses) {
    if (now.updates() > last.updates()) {
      losses.add((sum(now) - sum(last)) / (now.steps() - last.steps()));
    }
    return now;
  }

  private static double sum(OwnStatus status) {
    return status.steps() == 0 ? 0 : status.loss() * status.steps();
  }

  private static Sessions sessions(Streams streams, InstantSource clock) {
    return Sessions.of(
        new ModelVersion("stream", GIVEN, streams.model()), SessionOptions.defaults(), clock);
  }

  private static boolean isText(Batch told) {
    return told.inputs() instanceof Inputs.Tokens;
  }

  private static Inputs row(Batch told, int step) {
    return told.inputs().select(step);
  }

  /// What one of those who read the segments said.
  StreamTrial trial(ToDoubleFunction<Scored> loss) {
    return new StreamTrial(
        scored.stream()
            .mapToDouble(segment -> loss.applyAsDouble(segment) / segment.steps())
            .toArray(),
        seconds);
  }
}
