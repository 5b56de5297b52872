package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import java.util.List;

/// How the scores of a model are distributed where nothing is known to be wrong.
///
/// @param targets for each target
/// @param event the tail of the rarest of an event's scores
/// @param events how many were looked at
record Calibration(List<OfTarget> targets, Tail event, long events) {
  /// Of one target: for each [Score] its tail, the value that one event in [Score#OFTEN] is above, and the logarithm of
  /// the factor that the values were spread by at last.
  ///
  /// @param tails by score
  /// @param usual by score
  /// @param spreads by score
  /// @param relation to the targets, by [Relation]; empty if there is one alone
  record OfTarget(
      List<Tail> tails, List<Double> usual, List<Double> spreads, List<Double> relation) {
    OfTarget {
      relation = List.copyOf(relation);
      tails = List.copyOf(tails);
      usual = List.copyOf(usual);
      spreads = List.copyOf(spreads);
      int scores = Score.ALL.size();
      boolean isSound =
          tails.size() == scores && usual.size() == scores && spreads.size() == scores;
      for (int i = 0; isSound && i < scores; i++) {
        isSound = usual.get(i) > 0 && usual.get(i) < 1e9 && Math.abs(spreads.get(i)) <= Score.MOST;
      }
      if (!isSound) {
        throw new Refusal("targets", scores + " tails and sound numbers", usual + ", " + spreads);
      }
    }
  }

  /// How the targets of an event go together.
  Relation relation() {
    return new Relation(
        targets.stream()
            .map(each -> each.relation().stream().mapToDouble(number -> number).toArray())
            .toArray(double[][]::new));
  }

  Calibration {
    targets = List.copyOf(targets);
    int related = targets.isEmpty() ? 0 : targets.getFirst().relation().size();
    for (OfTarget each : targets) {
      boolean isSound = each.relation().stream().allMatch(Double::isFinite);
      if (!isSound
          || each.relation().size() != related
          || (related > 0 && related != targets.size())) {
        throw new Refusal("relation", "a finite number for each target", each.relation());
      }
    }
    if (event == null || events < 0) {
      throw new Refusal("detection", "the tail of events", event);
    }
  }
}
