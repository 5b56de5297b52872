package dev.unfold.train.dynamic;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Changes a network's parameters by their gradients, as a [DynamicRule] says: one [Pointwise] program, which each
/// thread runs on its part of each tensor, but for the embedding, of which only the rows that were read are changed.
final class DynamicUpdate {
  private final Parameters parameters;
  private final Team team;

  /// For each thread its ranges of the parameters.
  private final List<List<Range>> ranges = new ArrayList<>();

  private final double[] scalars;

  /// Both null if there is no embedding that is changed by rows.
  private final TokenRows tokens;

  private final EmbeddingUpdate embedding;

  private record Range(PointwiseKernel kernel, Matrix[] operands) {}

  /// @param network whose parameters are changed
  /// @param gradients which are filled before each [#step]
  /// @param start theta0
  DynamicUpdate(
      DynamicRule rule,
      Learned learned,
      Network network,
      Parameters gradients,
      Parameters start,
      Team team) {
    this.team = team;
    parameters = network.parameters();
    List<Parameters> drawn = new ArrayList<>();
    double pull = rule.decay();
    if (pull > 0) {
      drawn.add(start);
    }
    if (rule instanceof DynamicRule.Rms rms) {
      parameters.expectAlike("scale", rms.scale().values());
      drawn.add(rms.scale().values());
      // Without any gradient in the training text nothing is drawn back, and nothing divided by 0.
      double mean = rms.scale().mean();
      pull = mean == 0 ? 0 : pull / mean;
    }
    List<Parameters> sources = new ArrayList<>(List.of(parameters, gradients));
    sources.addAll(drawn);
    scalars = new double[] {rule.rate(), pull};
    Pointwise program = program(rule);
    Predicate<String> changed = learned.of(network.spec());
    Optional<TokenRows> byRows =
        TokenRows.of(network.spec()).filter(rows -> changed.test(Network.EMBEDDING));
    tokens = byRows.orElse(null);
    embedding =
        byRows.isEmpty()
            ? null
            : new EmbeddingUpdate(
                network.kernels(),
                program,
                embeddings(sources),
                rule.decay() > 0 ? embeddings(with(parameters, drawn)) : List.of(),
                pull);
    List<Parameters.Tensor> tensors =
        parameters.tensors().stream()
            .filter(tensor -> changed.test(tensor.name()))
            .filter(tensor -> embedding == null || !tensor.name().equals(Network.EMBEDDING))
            .toList();
    for (int part = 0; part < team.size(); part++) {
      List<Range> own = new ArrayList<>();
      for (Parameters.Tensor tensor : tensors) {
        int length = Math.toIntExact(tensor.length());
        int from = Team.from(length, part, team.size());
        int count = Team.from(length, part + 1, team.size()) - from;
        if (count > 0) {
          int first = Math.toIntExact(tensor.offset()) + from;
          Matrix[] operands =
              sources.stream()
                  .map(source -> source.all().columns(first, count))
                  .toArray(Matrix[]::new);
          own.add(new Range(network.kernels().prepare(program), operands));
        }
      }
      ranges.add(own);
    }
  }

  private static List<Parameters> with(Parameters first, List<Parameters> others) {
    List<Parameters> all = new ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }

  private static List<Matrix> embeddings(List<Parameters> of) {
    return of.stream().map(each -> each.matrix(Network.EMBEDDING)).toList();
  }

  /// Operands are theta, g, theta0 if there is a decay, and m if the rule has one; scalars the rate and what [#share]
  /// takes.
  private static Pointwise program(DynamicRule rule) {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot g = b.operand();
    Slot start = rule.decay() > 0 ? b.operand() : null;
    Slot m = rule instanceof DynamicRule.Rms ? b.operand() : null;
    Slot rate = b.scalar();
    Slot pull = b.scalar();
    Slot step = b.compute(Op.MULTIPLY, g, rate);
    if (rule instanceof DynamicRule.Rms rms) {
      step = b.compute(Op.DIVIDE, step, b.compute(Op.ADD, m, b.constant(rms.epsilon())));
    }
    if (start != null) {
      Slot share = m == null ? pull : share(b, m, pull);
      Slot back = b.compute(Op.MULTIPLY, b.compute(Op.SUBTRACT, start, p), share);
      step = b.compute(Op.SUBTRACT, step, back);
    }
    return b.emit(Op.SUBTRACT, p, p, step).build();
  }

  /// decay r = min(decay m / M, 1): the product itself up to 1.
  ///
  /// @param pull decay / M
  static Slot share(Pointwise.Builder b, Slot m, Slot pull) {
    Slot x = b.compute(Op.MULTIPLY, m, pull);
    Slot over = b.compute(Op.RELU, b.compute(Op.SUBTRACT, x, b.constant(1)));
    return b.compute(Op.SUBTRACT, x, over);
  }

  /// Makes the parameters that `next` reads what they are, before it is read.
  void settle(Batch next) {
    if (embedding != null) {
      embedding.settle(tokens.of(next));
    }
  }

  /// Makes all parameters what they are.
  void settle() {
    if (embedding != null) {
      embedding.settleAll();
    }
  }

  /// All parameters are theta0.
  void restart() {
    if (embedding != null) {
      embedding.restart();
    }
  }

  /// One update, by the gradients of `segment`.
  void step(Batch segment) {
    team.run((part, count) -> {
      for (Range range : ranges.get(part)) {
        range.kernel().run(range.operands(), scalars);
      }
    });
    if (embedding != null) {
      embedding.step(tokens.of(segment), scalars);
    }
    parameters.changed();
  }
}
