package dev.unfold.run.inspect;

import dev.unfold.flow.Reach;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.Clip;
import java.util.Arrays;
import java.util.List;

/// Whether an advice helps: two new networks, trained alike but for what is advised, from the same seed on the first
/// nine tenths of a text, compared on the last.
///
/// @param option what was advised
/// @param updates of each network
/// @param without the network as it is
/// @param with the network as advised
/// @param helped whether the loss is less by more than [#LEAST]
public record Trial(String option, long updates, Result without, Result with, boolean helped) {
  /// What counts as a difference, in nats.
  static final double LEAST = 0.005;

  /// The relative error of a cut gradient up to which its reach is told.
  public static final double WITHIN = 0.1;

  /// Batches, of as many sequences, that it is told of.
  private static final int SAMPLES = 4;

  private static final long UPDATES = 300;
  private static final int BATCH = 16;
  private static final int STEPS = 64;

  /// How well a network did.
  ///
  /// @param nats the loss on the last tenth
  /// @param lag from which on its gradient may be cut and is within [#WITHIN] of the exact one
  public record Result(double nats, int lag) {}

  /// What to change.
  ///
  /// @param option on the command line
  public record Change(String option, NetworkSpec spec, Initialization initialization, Clip clip) {}

  /// Tries `change` on networks like `network`.
  ///
  /// @param initialization that `network` started from
  public static Trial of(
      Change change, Network network, Initialization initialization, int[] tokens, Team team) {
    TrainingOptions options = TrainingOptions.defaults().withSteps(STEPS).withBatch(BATCH);
    Kernels kernels = network.kernels();
    Result without =
        train(Network.create(network.spec(), kernels, 1, initialization), options, tokens, team);
    Result with =
        train(
            Network.create(change.spec(), kernels, 1, change.initialization()),
            options.withRule(options.rule().with(change.clip())),
            tokens,
            team);
    boolean helped = with.nats() < without.nats() - LEAST;
    return new Trial(change.option(), UPDATES, without, with, helped);
  }

  private static Result train(Network network, TrainingOptions options, int[] tokens, Team team) {
    int border = tokens.length - tokens.length / 10;
    int[] training = Arrays.copyOf(tokens, border);
    int[] validation = Arrays.copyOfRange(tokens, border, tokens.length);
    Trainer[] running = new Trainer[1];
    Trainer trainer =
        new Trainer(
            network,
            options,
            team,
            event -> {
              if (event instanceof TrainingEvent.Completed done && done.update() >= UPDATES) {
                running[0].stop();
              }
            });
    running[0] = trainer;
    Evaluation evaluation = trainer.run(training, validation).validation();
    List<Batch> samples = InspectionData.ofText(training, options.steps(), SAMPLES, SAMPLES);
    int lag = Reach.of(network, team, samples).lag(WITHIN).orElse(options.steps() - 1);
    return new Result(evaluation.mean(), lag);
  }
}
