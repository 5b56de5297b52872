package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Coupling;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.List;

/// All that a rule keeps for a network: one [Influence] for each layer, or one for all, or none; each as small as the
/// rule and the layer's cell let it be. They are held within a limit.
///
/// **Threads**: one caller.
final class Influences {
  private final Network network;
  private final UnrolledNetwork unrolled;
  private final Team team;
  private final int batch;
  private final List<Influence> all = new ArrayList<>();
  private double limit = OnlineGradient.USUAL_LIMIT;
  private long timesLimited;

  /// The largest norm at the last look.
  private double largest;

  Influences(Network network, UnrolledNetwork unrolled, Team team, OnlineRule rule) {
    this.network = network;
    this.unrolled = unrolled;
    this.team = team;
    batch = unrolled.batch();
    addAll(rule);
    for (int l = 0; !all.isEmpty() && l < network.spec().layers(); l++) {
      Influence own = all.get(all.size() == 1 ? 0 : l);
      if (!own.isOfStepsBefore()) {
        unrolled.excludeGradients(l);
      }
    }
  }

  private void addAll(OnlineRule rule) {
    Tape tape = unrolled.tape();
    int top = tape.layers.size() - 1;
    switch (rule) {
      case OnlineRule.Rtrl own -> {
        if (top > 0 && !own.isLayerwise()) {
          all.add(new FullInfluence(network, tape, team, 0, top));
          return;
        }
        for (int l = 0; l <= top; l++) {
          all.add(whole(l));
        }
      }
      case OnlineRule.SnAp1 own -> {
        for (int l = 0; l <= top; l++) {
          UnitPattern pattern =
              own.isStrict() ? UnitPattern.of(layer(l).coupling().pattern()) : UnitPattern.all();
          all.add(units(l, Passage.SAME_UNIT, pattern));
        }
      }
      case OnlineRule.SnApN own -> {
        for (int l = 0; l <= top; l++) {
          all.add(new ReachInfluence(network, tape, l, own.steps()));
        }
      }
      case OnlineRule.EProp _ -> {
        for (int l = 0; l <= top; l++) {
          all.add(units(l, Passage.WITHIN, UnitPattern.all()));
        }
      }
      case OnlineRule.Rflo own ->
          all.add(new FeedbackInfluence(network, unrolled, team, own.feedback()));
      case OnlineRule.Immediate _ -> {}
      case OnlineRule.Uoro own -> all.add(new RankOneInfluence(network, tape, own.signs()));
      case OnlineRule.KfRtrl own -> all.add(new KroneckerInfluence(network, tape, own.signs()));
    }
  }

  /// All of the influence of a layer's own parameters, as small as its cell lets it be.
  private Influence whole(int l) {
    Coupling coupling = layer(l).coupling();
    if (coupling.isDiagonal()) {
      return units(l, Passage.SAME_UNIT, UnitPattern.all());
    }
    return coupling.separateHeads() > 1
        ? new HeadInfluence(network, unrolled.tape(), team, l)
        : new FullInfluence(network, unrolled.tape(), team, l, l);
  }

  private UnrolledLayer layer(int l) {
    return unrolled.tape().layers.get(l).directions.getFirst();
  }

  private UnitInfluence units(int l, Passage passage, UnitPattern pattern) {
    Matrix signal = layer(l).outputGradient().rows(batch);
    return new UnitInfluence(network, unrolled.tape(), team, l, passage, pattern, signal);
  }

  /// [Influence#step] of all.
  void step(Parameters gradients, boolean[] present) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).step(gradients, present);
    }
  }

  void reset(int b) {
    all.forEach(influence -> influence.reset(b));
  }

  void limit(double most) {
    limit = most;
  }

  /// Scales those down whose norm is beyond the limit, and lets those start anew that are not finite.
  void keepWithin() {
    largest = 0;
    for (int i = 0; i < all.size(); i++) {
      for (int b = 0; b < batch; b++) {
        largest = Math.max(largest, keepWithin(all.get(i), b));
      }
    }
  }

  /// @return the norm after that
  private double keepWithin(Influence influence, int b) {
    double norm = Math.sqrt(influence.sumOfSquares(b));
    if (norm <= limit) {
      return norm;
    }
    timesLimited++;
    if (Double.isFinite(norm)) {
      influence.scale(b, limit / norm);
      return limit;
    }
    influence.reset(b);
    return 0;
  }

  InfluenceWatch watch() {
    return new InfluenceWatch(largest, timesLimited);
  }

  double norm(int b) {
    return Math.sqrt(all.stream().mapToDouble(own -> own.sumOfSquares(b)).sum());
  }

  long bytes() {
    return all.stream().mapToLong(Influence::bytes).sum();
  }

  /// Copies of all that is kept.
  KeptInfluence kept(long steps) {
    return new KeptInfluence(
        steps, timesLimited, numbers().stream().map(Influences::copyOf).toList());
  }

  private static Matrix copyOf(Matrix numbers) {
    Matrix copy = Matrix.allocate(numbers.buffer().type(), numbers.rows(), numbers.cols());
    copy.copy(numbers);
    return copy;
  }

  private List<Matrix> numbers() {
    return all.stream().flatMap(influence -> influence.numbers().stream()).toList();
  }

  /// Checks that [#start] can be given it.
  void expectAlike(KeptInfluence kept) {
    List<Matrix> own = numbers();
    List<Matrix> given = kept.numbers();
    if (own.size() != given.size()) {
      throw new Refusal("kept", own.size() + " parts", given.size());
    }
    for (int i = 0; i < own.size(); i++) {
      expectAlike("kept: part " + i, own.get(i), given.get(i));
    }
  }

  private void expectAlike(String name, Matrix own, Matrix given) {
    if (own.rows() != given.rows()
        || own.cols() != given.cols()
        || own.buffer().type() != given.buffer().type()) {
      throw new Refusal(
          name,
          "[%d, %d] of %s".formatted(own.rows(), own.cols(), own.buffer().type()),
          "[%d, %d] of %s".formatted(given.rows(), given.cols(), given.buffer().type()));
    }
    if (!Double.isFinite(network.kernels().sumOfSquares(given))) {
      throw new Refusal(name, "finite numbers", "others");
    }
  }

  /// Goes on from what was kept.
  void start(KeptInfluence kept) {
    List<Matrix> own = numbers();
    for (int i = 0; i < own.size(); i++) {
      own.get(i).copy(kept.numbers().get(i));
    }
    timesLimited = kept.timesLimited();
    all.forEach(influence -> influence.goOn(kept.steps()));
    largest = 0;
    for (Influence influence : all) {
      for (int b = 0; b < batch; b++) {
        largest = Math.max(largest, Math.sqrt(influence.sumOfSquares(b)));
      }
    }
  }

  /// J of sequence b, `[S, P]`: a copy.
  Matrix copy(int b) {
    Columns columns = Columns.of(network, 0, network.spec().layers() - 1);
    int states = all.stream().mapToInt(Influence::states).sum();
    Matrix whole = Matrix.allocate(network.kernels().type(), states, columns.count());
    int row = 0;
    for (Influence own : all) {
      int column = Math.toIntExact(own.columns().from() - columns.from());
      own.copyTo(b, whole.rows(row, own.states()).columns(column, own.columns().count()));
      row += own.states();
    }
    return whole;
  }
}
