package dev.unfold.train;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Adds gradients to others, each thread its part of them.
final class GradientSum {
  private final Team team;

  /// One for each thread.
  private final PointwiseKernel[] kernels;

  /// What was added last: as a rule the next calls have the same again.
  private Parameters sum;

  private Parameters addend;

  /// The windows onto them, of each piece.
  private final Map<Piece, Matrix[][]> windows = new HashMap<>();

  private Matrix[][] operands;

  /// The numbers from `from` to `until` - 1: a pass back gives the same few each time.
  private record Piece(long from, long until) {}

  GradientSum(Network network, Team team) {
    this.team = team;
    kernels = new PointwiseKernel[team.size()];
    Arrays.setAll(kernels, part -> network.kernels().prepare(Pointwise.of(Pointwise.Op.ADD)));
  }

  /// Adds the numbers of `more` from `from` to `until` - 1 to those of `to`.
  void add(Parameters to, Parameters more, long from, long until) {
    if (from == until) {
      return;
    }
    if (!to.equals(sum) || !more.equals(addend)) {
      sum = to;
      addend = more;
      windows.clear();
    }
    operands = windows.computeIfAbsent(new Piece(from, until), this::show);
    team.run((part, parts) -> {
      if (operands[part] != null) {
        kernels[part].run(operands[part]);
      }
    });
  }

  /// @return for each thread; null for one that has none of the numbers
  private Matrix[][] show(Piece piece) {
    int length = Math.toIntExact(piece.until - piece.from);
    Matrix[][] parts = new Matrix[team.size()][];
    for (int part = 0; part < parts.length; part++) {
      int start = Team.from(length, part, parts.length);
      int count = Team.from(length, part + 1, parts.length) - start;
      int at = Math.toIntExact(piece.from + start);
      if (count > 0) {
        parts[part] = new Matrix[] {sum.all().columns(at, count), addend.all().columns(at, count)};
      }
    }
    return parts;
  }
}
