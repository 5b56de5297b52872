package dev.unfold.train;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.Arrays;

/// Adds gradients to others, each thread its part of them.
final class GradientSum {
  private final Team team;

  /// One for each thread.
  private final PointwiseKernel[] kernels;

  /// What was added last, and the windows onto it, which the next call has again as a rule.
  private Parameters sum;

  private Parameters addend;
  private long first;
  private long end;

  /// Of each thread; null for one that has none of the numbers.
  private Matrix[][] operands;

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
    if (!to.equals(sum) || !more.equals(addend) || from != first || until != end) {
      show(to, more, from, until);
    }
    team.run((part, parts) -> {
      if (operands[part] != null) {
        kernels[part].run(operands[part]);
      }
    });
  }

  private void show(Parameters to, Parameters more, long from, long until) {
    int length = Math.toIntExact(until - from);
    Matrix[][] windows = new Matrix[team.size()][];
    for (int part = 0; part < windows.length; part++) {
      int start = Team.from(length, part, windows.length);
      int count = Team.from(length, part + 1, windows.length) - start;
      int at = Math.toIntExact(from + start);
      if (count > 0) {
        windows[part] = new Matrix[] {to.all().columns(at, count), more.all().columns(at, count)};
      }
    }
    sum = to;
    addend = more;
    first = from;
    end = until;
    operands = windows;
  }
}
