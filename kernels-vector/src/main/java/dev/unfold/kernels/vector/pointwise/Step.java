package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A part of a pointwise program that runs over a whole block before the next part does.
sealed interface Step {
  /// Runs it.
  ///
  /// @param wide the elements of a block
  /// @param column the numbers of its rows; null if there are none
  void run(Block wide, Block column);

  /// A loop over elements.
  record Elements(Loop loop, Place[] places) implements Step {
    @Override
    public void run(Block wide, Block column) {
      loop.run(places, wide);
    }
  }

  /// A loop over numbers of rows.
  record NumbersOfRows(Loop loop, Place[] places) implements Step {
    @Override
    public void run(Block wide, Block column) {
      loop.run(places, column);
    }
  }

  /// From elements to numbers of rows.
  record Sum(Place target, Place left) implements Step {
    @Override
    public void run(Block wide, Block column) {
      RowLoops.sum(wide, target, left);
    }
  }

  /// The sums over all rows so far, with those of a block.
  record SumOfRows(Place target, Place left) implements Step {
    @Override
    public void run(Block wide, Block column) {
      RowLoops.addRows(wide, target, left);
    }
  }

  /// The steps of a program whose values are where `places` says.
  static Step[] of(List<Instruction> program, Function<Slot, Place> places) {
    List<Step> steps = new ArrayList<>();
    for (int from = 0; from < program.size(); ) {
      int to = Stretch.end(program, from);
      steps.add(of(program, from, to, places));
      from = to;
    }
    return steps.toArray(Step[]::new);
  }

  private static Step of(
      List<Instruction> program, int from, int to, Function<Slot, Place> places) {
    Instruction first = program.get(from);
    Place target = places.apply(first.target());
    if (first.op() == Op.SUM) {
      Place left = places.apply(first.left());
      return first.target().kind() == Kind.ROW
          ? new SumOfRows(target, left)
          : new Sum(target, left);
    }
    Stretch stretch = Stretch.of(program, from, to);
    Loop loop = LoopCompiler.loop(stretch.code());
    Place[] own = stretch.slots().stream().map(places).toArray(Place[]::new);
    return first.target().kind().isOfRow() ? new NumbersOfRows(loop, own) : new Elements(loop, own);
  }
}
