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
  /// @param agreeing those that agree, all of one convention or all of two; several if what was computed cannot tell
  ///     them apart
  /// @param nearest the nearest; empty if there is nothing to try
  /// @param tried what was tried, in words
  public record Findings(List<Guess> agreeing, Optional<Guess> nearest, String tried) {
    /// Copies the list.
    public Findings {
      agreeing = List.copyOf(agreeing);
    }

    static Findings of(List<Guess> all, String tried) {
      return new Findings(
          all.stream().filter(guess -> guess.relative() <= Parity.ROUNDING).toList(),
          all.stream().min(Comparator.comparingDouble(Guess::relative)),
          tried);
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

  /// The conventions with which `network`, which agrees, would agree as well.
  ///
  /// @param rows how many steps of sequences a run has
  public List<Guess> alike(Network network, int rows) {
    List<Step> steps = steps(network);
    return takesTooLong(steps.size(), rows, network)
        ? List.of()
        : Findings.of(alone(network, steps), "").agreeing();
  }

  private List<Guess> alone(Network network, List<Step> steps) {
    List<Guess> all = new ArrayList<>();
    for (Step step : steps) {
      all.add(guess(changed(network, step), List.of(step)));
    }
    return all;
  }

  private static boolean takesTooLong(double runs, int rows, Network network) {
    return runs * rows * network.parameters().count() > MOST;
  }

  /// Tries them.
  ///
  /// @param rows how many steps of sequences a run has
  public Findings of(Network network, int rows) {
    List<Step> steps = steps(network);
    List<Guess> all = alone(network, steps);
    String tried =
        steps.stream()
            .collect(
                Collectors.groupingBy(
                    each -> each.convention().setting(), LinkedHashMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(each -> "%s (%d)".formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining(", "));
    Findings alone = Findings.of(all, tried);
    if (all.isEmpty() || !alone.agreeing().isEmpty()) {
      return alone;
    }
    if (takesTooLong(steps.size() * (double) steps.size() / 2, rows, network)) {
      return Findings.of(all, tried + ", one at a time");
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
    return Findings.of(all, tried + ", alone and two at a time");
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
}
