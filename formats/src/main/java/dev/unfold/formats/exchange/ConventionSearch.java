package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.model.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// Looks for the [conventions][Convention] with which a network would agree with what another program computed: one at
/// a time, then two at a time.
public final class ConventionSearch {
  /// How many products all runs together may take; beyond that, two at a time are left out.
  private static final double MOST = 4e10;

  private final GateOrders orders;
  private final Set<String> settled;
  private final ToDoubleFunction<Network> distance;

  /// One or two conventions, and how far a network with them is away.
  ///
  /// @param settings as `--set` takes them
  /// @param says in words
  public record Guess(List<String> settings, String says, double relative) {
    /// Copies the list.
    public Guess {
      settings = List.copyOf(settings);
    }
  }

  /// What was found.
  ///
  /// @param best the nearest; empty if there is nothing to try
  /// @param tried what was tried, in words
  public record Findings(Optional<Guess> best, String tried) {
    /// The nearest if it agrees.
    public Optional<Guess> agreeing() {
      return best.filter(guess -> guess.relative() <= Parity.ROUNDING);
    }
  }

  /// @param orders those in which the network's file was read
  /// @param settled settings that were made already, and are not tried again
  /// @param distance how far a network is away
  public ConventionSearch(
      GateOrders orders, Set<String> settled, ToDoubleFunction<Network> distance) {
    this.orders = Expect.given("orders", orders);
    this.settled = Set.copyOf(settled);
    this.distance = Expect.given("distance", distance);
  }

  private record Step(Convention convention, String value) {
    String text() {
      return convention.setting() + "=" + value;
    }
  }

  /// Tries them.
  ///
  /// @param rows how many steps of sequences a run has
  public Findings of(Network network, int rows) {
    List<Step> steps = steps(network);
    List<Guess> all = new ArrayList<>();
    for (Step step : steps) {
      all.add(guess(changed(network, step), List.of(step)));
    }
    String tried =
        steps.stream()
            .collect(
                Collectors.groupingBy(
                    each -> each.convention().setting(), LinkedHashMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(each -> "%s (%d)".formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining(", "));
    Optional<Guess> best = best(all);
    if (best.isEmpty() || best.get().relative() <= Parity.ROUNDING) {
      return new Findings(best, tried);
    }
    double pairs = steps.size() * (double) steps.size() / 2;
    if (pairs * rows * network.parameters().count() > MOST) {
      return new Findings(best, tried + ", one at a time");
    }
    for (int i = 0; i < steps.size(); i++) {
      Network first = changed(network, steps.get(i));
      // What there is to change beside it may be another thing now.
      for (Step second : steps(first)) {
        if (second.convention().compareTo(steps.get(i).convention()) > 0) {
          all.add(guess(changed(first, second), List.of(steps.get(i), second)));
        }
      }
    }
    return new Findings(best(all), tried + ", alone and two at a time");
  }

  private List<Step> steps(Network network) {
    List<Step> steps = new ArrayList<>();
    for (Convention convention : Convention.values()) {
      if (!settled.contains(convention.setting())) {
        for (String value : convention.others(network.spec(), orders)) {
          steps.add(new Step(convention, value));
        }
      }
    }
    return steps;
  }

  private Network changed(Network network, Step step) {
    return step.convention().changed(network, orders, step.value());
  }

  private Guess guess(Network network, List<Step> steps) {
    return new Guess(
        steps.stream().map(Step::text).toList(),
        steps.stream()
            .map(step -> step.convention().says(step.value()))
            .collect(Collectors.joining(" and ")),
        distance.applyAsDouble(network));
  }

  /// The simplest of those that agree, which comes first.
  private static Optional<Guess> best(List<Guess> all) {
    Optional<Guess> agreeing =
        all.stream().filter(guess -> guess.relative() <= Parity.ROUNDING).findFirst();
    return agreeing.isPresent()
        ? agreeing
        : all.stream().min(Comparator.comparingDouble(Guess::relative));
  }
}
