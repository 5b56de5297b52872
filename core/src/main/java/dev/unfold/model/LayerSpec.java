package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import java.util.EnumSet;
import java.util.Set;

/// What a layer of a network is made of.
///
/// @param cell the recurrence
/// @param hidden H, its hidden units
/// @param wiring whether it runs in both directions and whether its input is added to its output, [Wiring]
public record LayerSpec(Cell cell, int hidden, Set<Wiring> wiring) {
  private static final Set<Wiring> OF_LAYERS = EnumSet.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL);

  /// Checks the size, also for the cell's heads, and that a layer can have that wiring.
  public LayerSpec {
    Expect.given("cell", cell);
    Expect.positive("hidden", "H", hidden);
    cell.sizes(1, hidden);
    wiring = Set.copyOf(Expect.given("wiring", wiring));
    if (!OF_LAYERS.containsAll(wiring)) {
      throw new Refusal("wiring", "bidirectional or residual for a layer", wiring);
    }
  }

  /// A layer of one direction.
  public LayerSpec(Cell cell, int hidden) {
    this(cell, hidden, Set.of());
  }

  /// Whether it has `feature`.
  public boolean has(Wiring feature) {
    return wiring.contains(feature);
  }

  /// How often it runs over the sequence: once in each direction.
  public int directions() {
    return has(Wiring.BIDIRECTIONAL) ? 2 : 1;
  }

  /// The sizes of its equations if its input has `input` numbers.
  public Sizes sizes(int input) {
    return cell.sizes(input, hidden);
  }

  /// How many numbers it puts out at a step if it reads `input` ones: H unless the cell says otherwise, in each
  /// direction.
  public int outputSize(int input) {
    long size = (long) directions() * sizes(input).of(cell.output().size());
    return (int) Math.min(Integer.MAX_VALUE, size);
  }

  /// Whether its output has the size of its input, in each direction.
  boolean keepsSize() {
    return cell.output().size().equals(Size.INPUT);
  }

  /// The same layer with `more`.
  LayerSpec with(Set<Wiring> more) {
    Set<Wiring> all = EnumSet.noneOf(Wiring.class);
    all.addAll(wiring);
    all.addAll(more);
    return new LayerSpec(cell, hidden, all);
  }

  /// An upper bound of its parameters but for vectors, in floating point, where absurd sizes do not overflow.
  double roughCount(int input) {
    Sizes sizes = sizes(input);
    return directions()
        * cell.affines().stream()
            .flatMapToDouble(affine ->
                affine.operands().stream()
                    .mapToDouble(
                        operand -> (double) sizes.of(affine.size()) * sizes.of(operand.size())))
            .sum();
  }
}
