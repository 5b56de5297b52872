package dev.unfold.train;

import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import dev.unfold.unroll.tape.NetworkStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The gradients of batches that are cut into blocks, of which this process may have a part ([Workers]).
///
/// Of the B sequences of a batch block k has those from `floor(k B / N)` to `floor((k + 1) B / N) - 1`. Its gradient
/// is that of the sum of its losses, over all batches of the update, each of which counts what it does in the whole
/// batch. Its random masks are those of draw `place N + k`. Its sequences' states are its own and go on within it.
/// A block that has no sequence, in a batch of fewer than B, adds nothing.
///
/// **Memory**: one network is unrolled, for the sequences of a block, and goes through the worker's blocks one by one;
/// beside it there are their states. The first worker adds up gradients as they come, and needs them once more if it
/// has several blocks; others have to keep those of all their blocks until the sum of those before arrives.
final class BlockGradients implements GradientSource {
  private final LearnableData learnable;
  private final TrainingData data;
  private final Network network;
  private final Workers workers;
  private final int blocks;
  private final int batches;
  private final long seed;
  private final int first;
  private final Bptt bptt;
  private final GradientSum addition;

  /// Of each of the worker's blocks, with as many rows as the largest has.
  private final List<State> states = new ArrayList<>();

  /// Where the gradients of the blocks but the first are found: one after the other by the first worker.
  private final List<Parameters> more = new ArrayList<>();

  /// Of each of the worker's blocks.
  private final double[] losses;

  /// The batch at `fetchedPlace`, if there is one.
  private Batch fetched;

  private long fetchedPlace;

  BlockGradients(
      LearnableData learnable, TrainingOptions options, long seed, Team team, Workers workers) {
    this.learnable = learnable;
    this.workers = workers;
    this.seed = seed;
    data = learnable.data();
    network = learnable.network();
    blocks = options.blocks();
    batches = options.rule().accumulation();
    options.expectUsable(workers.count());
    first = workers.firstBlock(blocks);
    losses = new double[workers.untilBlock(blocks) - first];
    int rows = options.sequences(data.batch());
    bptt = Bptt.of(network, team, data.steps(), rows, options.engine());
    for (int i = 0; i < losses.length; i++) {
      states.add(State.zeros(network.spec(), network.kernels().precision(), rows));
    }
    for (int i = copies(workers, blocks); i > 0; i--) {
      more.add(network.parameters().zeros());
    }
    addition = new GradientSum(network, team);
  }

  /// How many times the memory of the gradients a worker needs beside those of the sum.
  static int copies(Workers workers, int blocks) {
    int own = workers.untilBlock(blocks) - workers.firstBlock(blocks);
    return workers.rank() == 0 ? Math.min(1, own - 1) : own - 1;
  }

  /// The first sequence of block `k`, or, if that is N, B.
  private int from(int k) {
    return (int) ((long) k * data.batch() / blocks);
  }

  @Override
  public Losses gradient(long place, Parameters gradients) {
    fetched = null;
    boolean adds = workers.rank() == 0;
    Workers.Sum sum = workers.begin(place, gradients, adds ? List.of() : more);
    Losses all = null;
    for (int i = 0; i < losses.length; i++) {
      boolean isLast = i == losses.length - 1;
      if (i == 0 || !adds) {
        Parameters own = i == 0 ? gradients : more.get(i - 1);
        all = block(i, place, own, isLast ? sum : GradientListener.NOBODY);
      } else {
        Parameters own = more.getFirst();
        Adding adding = new Adding(gradients, own, isLast ? sum : GradientListener.NOBODY);
        all = block(i, place, own, workers.count() == 1 ? GradientListener.NOBODY : adding);
        adding.finalFrom(0);
      }
    }
    double loss = sum.finish(losses);
    return new Losses(loss, all.divisor(), all.weight(), all.rows(), all.next());
  }

  /// Adds the gradients of a block to those before, as they come.
  private final class Adding implements GradientListener {
    private final Parameters to;
    private final Parameters own;
    private final GradientListener next;
    private long until;

    Adding(Parameters to, Parameters own, GradientListener next) {
      this.to = to;
      this.own = own;
      this.next = next;
      until = to.buffer().length();
    }

    @Override
    public void finalFrom(long from) {
      addition.add(to, own, from, until);
      until = from;
      next.finalFrom(from);
    }
  }

  /// Makes `gradients` those of the worker's i-th block.
  private Losses block(int i, long place, Parameters gradients, GradientListener listener) {
    gradients.buffer().clear();
    Accumulation all = new Accumulation(network.spec().head(), data.reduction());
    Losses sum = null;
    boolean isLast = false;
    for (int n = 1; !isLast; n++) {
      long at = sum == null ? place : sum.next();
      isLast = n == batches || data.next(at) % data.places() == 0;
      Losses own = add(i, at, all, gradients, isLast ? listener : GradientListener.NOBODY);
      sum = sum == null ? own : sum.plus(own);
    }
    losses[i] = sum.sum();
    return sum;
  }

  /// Adds those of its part of the batch at `place`.
  private Losses add(
      int i, long place, Accumulation all, Parameters gradients, GradientListener listener) {
    Batch batch = fetch(place);
    double[] weights = all.weights(batch);
    int k = first + i;
    int from = from(k);
    int until = Math.min(from(k + 1), batch.batch());
    boolean goesOn = data.goesOn(place);
    double sum = 0;
    if (from < until) {
      if (goesOn) {
        bptt.goOn(states.get(i));
      } else {
        bptt.startFromZero();
      }
      bptt.drawMasks(seed, place * blocks + k);
      double[] own = Arrays.copyOfRange(weights, from, until);
      sum = bptt.gradient(batch.sequences(from, until), own, gradients, listener);
      bptt.keep(states.get(i));
    } else if (!goesOn) {
      NetworkStates.clear(states.get(i));
    }
    long rows = (long) batch.steps() * batch.batch();
    return new Losses(sum, all.divisor(), all.weight(), rows, data.next(place));
  }

  /// The batch at `place`: one that several blocks follow each other in is made once.
  private Batch fetch(long place) {
    if (fetched == null || fetchedPlace != place) {
      fetched = learnable.batch(place);
      fetchedPlace = place;
    }
    return fetched;
  }

  @Override
  public void start(State state) {
    boolean isAny = !state.layers().stream().allMatch(List::isEmpty);
    if (isAny && state.batch() != data.batch()) {
      throw new Refusal("state", "B=" + data.batch(), state.batch());
    }
    for (int i = 0; isAny && i < losses.length; i++) {
      int[] rows = new int[states.get(i).batch()];
      int from = from(first + i);
      // A smaller block leaves rows over, which have no steps.
      Arrays.setAll(rows, row -> Math.min(from + row, data.batch() - 1));
      State own = state.rows(rows);
      bptt.start(own);
      states.set(i, own);
    }
  }

  /// That of all workers' sequences: all call it.
  @Override
  public State state() {
    List<State> own = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      int count = from(first + i + 1) - from(first + i);
      own.add(states.get(i).rows(IntStream.range(0, count).toArray()));
    }
    State mine = State.join(own);
    return workers.count() == 1
        ? mine
        : SharedState.gather(
            mine, network, workers, rank -> from(workers.firstBlock(blocks, rank)));
  }
}
