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
  private Matrix[][] operands;

  GradientSum(Network network, Team team) {
    this.team = team;
    kernels = new PointwiseKernel[team.size()];
    Arrays.setAll(kernels, part -> network.kernels().prepare(Pointwise.of(Pointwise.Op.ADD)));
  }

  /// Adds `more` to `to`.
  void add(Parameters to, Parameters more) {
    if (!to.equals(sum) || !more.equals(addend)) {
      show(to, more);
    }
    team.run((part, parts) -> kernels[part].run(operands[part]));
  }

  private void show(Parameters to, Parameters more) {
    int length = to.all().cols();
    Matrix[][] windows = new Matrix[team.size()][];
    for (int part = 0; part < windows.length; part++) {
      int from = Team.from(length, part, windows.length);
      int count = Team.from(length, part + 1, windows.length) - from;
      windows[part] = new Matrix[] {to.all().columns(from, count), more.all().columns(from, count)};
    }
    sum = to;
    addend = more;
    operands = windows;
  }
}
