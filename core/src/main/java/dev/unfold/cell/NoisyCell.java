package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Derives from a cell's equations those with random masks, as they are trained with. The parameters stay the same.
public final class NoisyCell {
  private final Cell cell;
  private final IdentityHashMap<Expr, Expr> rewritten = new IdentityHashMap<>();

  /// The same within operands of affine maps, where masked states stand.
  private final IdentityHashMap<Expr, Expr> asOperand = new IdentityHashMap<>();

  private final Map<String, Expr.Noise> masks;

  private NoisyCell(Cell cell, Map<String, Expr.Noise> masks) {
    this.cell = cell;
    this.masks = masks;
  }

  /// Recurrent dropout: each state that affine maps read, such as h, is multiplied there by a mask. Where a state is
  /// read in another way, as the c of an LSTM, it is whole.
  ///
  ///     net(t) = V x(t) + U (m(t) h(t-1)) + b
  ///
  /// **Source**: Y. Gal and Z. Ghahramani, A theoretically grounded application of dropout in recurrent neural
  /// networks, NIPS 2016, with a mask for all steps.
  public static Cell withStateDropout(Cell cell, Mask mask) {
    Map<String, Expr.Noise> masks =
        cell.affines().stream()
            .flatMap(affine -> affine.operands().stream())
            .filter(Expr.State.class::isInstance)
            .map(Expr.State.class::cast)
            .distinct()
            .collect(
                Collectors.toMap(
                    Expr.State::name,
                    state -> new Expr.Noise("mask_" + state.name(), state.size(), mask)));
    return new NoisyCell(cell, masks).rewrite();
  }

  /// Zoneout: at each step each unit of a state keeps its value with a probability.
  ///
  ///     s(t) = m(t) s~(t) + (1 - m(t)) s(t-1)        s~ what the equations say
  ///
  /// The cell's other equations read s~.
  ///
  /// **Source**: D. Krueger et al., Zoneout: regularizing RNNs by randomly preserving hidden activations, ICLR 2017.
  ///
  /// @param rates the probabilities, by state
  /// **Errors**: [IllegalArgumentException] if the cell has no such state, or a rate is not from 0 to below 1.
  public static Cell withZoneout(Cell cell, Map<String, Double> rates) {
    return zoneout(cell, rates, Form.RANDOM);
  }

  /// What stands in for [#withZoneout] when a network is used: each mask is its mean.
  ///
  ///     s(t) = (1 - z) s~(t) + z s(t-1)
  public static Cell withMeanZoneout(Cell cell, Map<String, Double> rates) {
    return zoneout(cell, rates, Form.MEAN);
  }

  private enum Form {
    RANDOM,
    MEAN
  }

  private static Cell zoneout(Cell cell, Map<String, Double> rates, Form form) {
    check(cell, rates);
    List<Cell.Recurrence> recurrences = new ArrayList<>();
    Expr output = cell.output();
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      double rate = rates.getOrDefault(recurrence.state().name(), 0.0);
      Expr next = rate == 0 ? recurrence.next() : zoned(recurrence, rate, form);
      recurrences.add(new Cell.Recurrence(recurrence.state(), next));
      output = isSame(output, recurrence.next()) ? next : output;
    }
    return new Cell(
        cell.name(),
        cell.bias(),
        cell.heads(),
        cell.ownSizes(),
        recurrences,
        cell.affines(),
        cell.parameters(),
        cell.forgetBiases(),
        output);
  }

  private static void check(Cell cell, Map<String, Double> rates) {
    rates.forEach((name, rate) -> {
      if (!cell.states().contains(name)) {
        throw new Refusal(
            "zoneout", "one of the states %s of %s".formatted(cell.states(), cell.name()), name);
      }
      if (!(rate >= 0 && rate < 1)) {
        throw new Refusal("zoneout", "0 or more and below 1 for %s".formatted(name), rate);
      }
    });
  }

  private static Expr zoned(Cell.Recurrence recurrence, double rate, Form form) {
    Expr.State state = recurrence.state();
    if (form == Form.MEAN) {
      Expr fresh = recurrence.next().times(Expr.constant(1 - rate));
      return fresh.plus(state.times(Expr.constant(rate)));
    }
    Mask mask = new Mask(1 - rate, 1, Mask.Rhythm.EACH_STEP);
    Expr fresh = new Expr.Noise("zone_" + state.name(), state.size(), mask);
    return fresh.times(recurrence.next()).plus(Expr.oneMinus(fresh).times(state));
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Expr a, Expr b) {
    return a == b;
  }

  private Cell rewrite() {
    return new Cell(
        cell.name(),
        cell.bias(),
        cell.heads(),
        cell.ownSizes(),
        cell.recurrences().stream()
            .map(recurrence -> new Cell.Recurrence(recurrence.state(), rewrite(recurrence.next())))
            .toList(),
        cell.affines().stream().map(affine -> (Expr.Affine) rewrite(affine)).toList(),
        cell.parameters(),
        cell.forgetBiases(),
        rewrite(cell.output()));
  }

  private Expr rewrite(Expr expr) {
    Expr known = rewritten.get(expr);
    if (known != null) {
      return known;
    }
    Expr result =
        switch (expr) {
          case Expr.Affine affine ->
              new Expr.Affine(
                  affine.name(),
                  affine.operands().stream().map(this::operand).toList(),
                  affine.size(),
                  affine.offset());
          default -> Reachability.rebuilt(expr, this::rewrite);
        };
    rewritten.put(expr, result);
    return result;
  }

  /// An operand of an affine map, under the name that its matrix has.
  private Expr operand(Expr expr) {
    return expr instanceof Expr.State state
        ? new Expr.Named(Layout.suffix(state), masked(state))
        : within(expr);
  }

  private Expr masked(Expr.State state) {
    Expr.Noise mask = masks.get(state.name());
    return mask == null ? state : state.times(mask);
  }

  private Expr within(Expr expr) {
    Expr known = asOperand.get(expr);
    if (known != null) {
      return known;
    }
    Expr result =
        switch (expr) {
          case Expr.State state -> masked(state);
          case Expr.Affine affine -> rewrite(affine);
          default -> Reachability.rebuilt(expr, this::within);
        };
    asOperand.put(expr, result);
    return result;
  }

  /// The masks of a cell, in the order of their names.
  public static List<Expr.Noise> masks(Cell cell) {
    List<Expr> ends = new ArrayList<>(List.of(cell.output()));
    cell.recurrences().forEach(recurrence -> ends.add(recurrence.next()));
    Set<Expr.Noise> all =
        Reachability.of(ends).stream()
            .filter(Expr.Noise.class::isInstance)
            .map(Expr.Noise.class::cast)
            .collect(Collectors.toSet());
    return all.stream().sorted(java.util.Comparator.comparing(Expr.Noise::name)).toList();
  }
}
