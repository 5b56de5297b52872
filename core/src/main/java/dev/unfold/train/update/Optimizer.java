package dev.unfold.train.update;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.List;

/// Changes a network's parameters by their gradients, as an [OptimizerSpec] says. The update is one [Pointwise]
/// program, which each thread runs on its part of each parameter.
///
/// **Memory**: [OptimizerSpec#slots] times the parameters.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class Optimizer {
  private final OptimizerSpec spec;
  private final Parameters parameters;
  private final Team team;
  private final List<Parameters> slots = new ArrayList<>();

  /// For each thread its ranges of the parameters.
  private final List<List<Part>> parts = new ArrayList<>();

  private long updates;

  /// A range of the parameters, all of one group.
  private record Part(PointwiseKernel kernel, Matrix[] operands, ParameterGroup group) {}

  /// @param network whose parameters are changed
  /// @param gradients the derivatives of the loss, which are filled before each [#step]
  /// @param groups which parameters are treated in another way
  /// @param team the threads
  public Optimizer(
      OptimizerSpec spec,
      Network network,
      Parameters gradients,
      List<ParameterGroup> groups,
      Team team) {
    this.spec = Expect.given("spec", spec);
    parameters = Expect.given("network", network).parameters();
    parameters.expectAlike("gradients", gradients);
    Expect.given("groups", groups);
    this.team = Expect.given("team", team);
    for (int i = 0; i < spec.slots(); i++) {
      slots.add(parameters.zeros());
    }
    // The root of the least number that can be kept, and so the least gradient whose square can.
    boolean isFloat = network.kernels().precision() == Precision.FLOAT;
    double least = Math.sqrt(isFloat ? Float.MIN_VALUE : Double.MIN_VALUE);
    Pointwise program = program(spec.withLeastEpsilon(least));
    for (int part = 0; part < team.size(); part++) {
      List<Part> own = new ArrayList<>();
      for (Parameters.Tensor tensor : parameters.tensors()) {
        int length = Math.toIntExact(tensor.length());
        int from = Team.from(length, part, team.size());
        int count = Team.from(length, part + 1, team.size()) - from;
        if (count > 0) {
          int start = Math.toIntExact(tensor.offset()) + from;
          own.add(
              new Part(
                  network.kernels().prepare(program),
                  operands(gradients, start, count),
                  ParameterGroup.of(tensor.name(), groups)));
        }
      }
      parts.add(own);
    }
  }

  private Matrix[] operands(Parameters gradients, int from, int count) {
    List<Matrix> operands = new ArrayList<>();
    operands.add(parameters.all().columns(from, count));
    operands.add(gradients.all().columns(from, count));
    slots.forEach(slot -> operands.add(slot.all().columns(from, count)));
    return operands.toArray(Matrix[]::new);
  }

  /// The gradient counts times `scale`; the parameter keeps the share `kept` of itself.
  private static Pointwise program(OptimizerSpec spec) {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot g = b.operand();
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < spec.slots(); i++) {
      slots.add(b.operand());
    }
    Slot scale = b.scalar();
    Slot kept = b.scalar();
    Slot scaled = b.compute(Op.MULTIPLY, g, scale);
    b.emit(Op.MULTIPLY, p, p, kept);
    spec.program(b, p, scaled, slots);
    return b.build();
  }

  /// One update.
  ///
  /// @param scale what every gradient is multiplied with first (gradient clipping)
  /// @param rate the learning rate
  /// @param decay what of itself each parameter loses, times the learning rate
  public void step(double scale, double rate, double decay) {
    updates++;
    team.run((part, count) -> {
      for (Part range : parts.get(part)) {
        double own = rate * range.group().rate();
        double[] more = spec.scalars(own, updates);
        double[] scalars = new double[2 + more.length];
        scalars[0] = scale;
        scalars[1] = 1 - own * decay * range.group().decay();
        System.arraycopy(more, 0, scalars, 2, more.length);
        range.kernel().run(range.operands(), scalars);
      }
    });
    parameters.changed();
  }

  /// What it keeps for each parameter, to be saved and restored with [#updates].
  public List<Parameters> slots() {
    return List.copyOf(slots);
  }

  /// The updates so far.
  public long updates() {
    return updates;
  }

  /// Goes on as after `updates` updates.
  public void restore(long updates) {
    this.updates = updates;
  }
}
