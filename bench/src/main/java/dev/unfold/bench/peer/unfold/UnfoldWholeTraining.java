package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.peer.FirstSteps;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.bench.problem.TextProblem;
import dev.unfold.cell.Cell;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.train.GradientSource;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.train.update.Updater;
import java.util.List;
import java.util.Set;

/// Updates by what a training run makes them with.
final class UnfoldWholeTraining implements PeerStep {
  private static final long SEED = 1;

  private final GradientSource source;
  private final Updater updater;
  private final FirstSteps first = new FirstSteps();
  private long place;
  private long updates;

  UnfoldWholeTraining(TextProblem problem, Cell cell, Kernels kernels, Team team) {
    Shape shape = problem.shape();
    int vocabulary = shape.vocabulary();
    NetworkSpec spec =
        new NetworkSpec(
            new Encoder.Embedding(vocabulary, shape.width()),
            List.of(new LayerSpec(cell, shape.width())),
            new Head.Classes(vocabulary),
            Set.of(),
            Noise.NONE);
    Network network = Network.zeros(spec, kernels);
    problem
        .parameters()
        .forEach((name, values) -> Matrices.set(network.parameters().matrix(name), values));
    network.parameters().changed();
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(shape.steps())
            .withBatch(shape.batch())
            .withRule(
                UpdateRule.defaults()
                    .with(new OptimizerSpec.Adam(0.9, 0.999, 1e-8))
                    .withRate(TextProblem.RATE)
                    .with(new Clip.Norm(TextProblem.CLIP)));
    source =
        GradientSource.of(
            network, options, options.dataOf(problem.tokens(), vocabulary, SEED), SEED, team);
    updater = new Updater(options.rule(), network, team);
  }

  @Override
  public void run() {
    GradientSource.Losses losses = source.gradient(place, updater.gradients());
    Updater.Made made =
        updater.update(new Schedule.Point(updates++, 0, 0, 0), losses.mean(), losses.divisor(), 0);
    place = losses.next();
    first.add(losses.mean(), made.norm());
  }

  @Override
  public Tensors results() {
    return first.results();
  }
}
