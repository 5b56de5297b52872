package dev.unfold.run.learn;

import dev.unfold.run.learn.PairedWindow.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Who is better on the same segments: what is served, what learns, or one of the *guards*, which were served before.
///
/// **Threads**: one caller at a time.
final class Contest {
  /// How often in a window it is asked who is better.
  private static final int LOOKS = 8;

  /// What is served may fall after this part of a window.
  private static final int LEAST = 4;

  /// Of the loss of the model as it was given, and of a nat: who is better by less is not served for that.
  private static final double LEAST_GAIN = 1e-3;

  private final ContestOptions options;
  private final PairedWindow challenge;
  private final Leniency leniency;

  /// What is looked at beside what is served, the model as it was given first; empty as long as that is served.
  private List<Guard> guards = List.of();

  /// Whether losses are in nats.
  private boolean isNats;

  /// Labelled steps since it was last asked who is better.
  private long unseen;

  /// What was served before, beside what is.
  ///
  /// @param copy that was
  /// @param window of the losses of what is served, and of it
  record Guard(ServedCopy copy, PairedWindow window) {}

  Contest(ContestOptions options) {
    this.options = options;
    challenge = window();
    leniency = new Leniency(options);
  }

  private PairedWindow window() {
    return new PairedWindow(options.window());
  }

  /// Begins, or begins anew since something else is served.
  ///
  /// @param now that
  /// @param original the model as it was given
  /// @param previous that is looked at beside it
  void begin(ServedCopy now, ServedCopy original, ServedCopy previous) {
    guards =
        Stream.of(original, previous)
            .distinct()
            .filter(copy -> !copy.equals(now))
            .map(copy -> new Guard(copy, window()))
            .toList();
    isNats = LabelKind.of(now.version().model()).isNats();
    challenge.clear();
    leniency.reset();
  }

  /// The guards, the model as it was given first.
  List<ServedCopy> guards() {
    return guards.stream().map(Guard::copy).toList();
  }

  /// The sums of the losses of a segment's labelled steps.
  ///
  /// @param ofGuards in their order
  void add(int labelled, double ofServed, double[] ofGuards, double ofShadow) {
    challenge.add(ofServed, ofShadow, labelled);
    for (int i = 0; i < ofGuards.length; i++) {
      guards.get(i).window().add(ofServed, ofGuards[i], labelled);
    }
  }

  /// The copy has learned of so many steps.
  ///
  /// @return whether it is time to ask who is better
  boolean learned(int labelled) {
    leniency.add(labelled);
    unseen += labelled;
    boolean isTime = unseen * LOOKS >= options.window();
    if (isTime) {
      unseen = 0;
    }
    return isTime;
  }

  /// What is served, first, and what learns.
  Verdict verdict() {
    return challenge.verdict();
  }

  /// The guard that is better than what is served, and of several the best.
  Optional<Guard> better() {
    return guards.stream()
        .filter(this::isBetter)
        .max(Comparator.comparingDouble(guard -> guard.window().verdict().difference()));
  }

  /// A promotion takes a whole window; what turns out to be far worse than what was there before is not kept as long.
  private boolean isBetter(Guard guard) {
    Verdict verdict = guard.window().verdict();
    if (!(verdict.difference() > leastGain())) {
      return false;
    }
    return (guard.window().isFull() && verdict.isBetter(options.margin(), options.deviations()))
        || (guard.window().steps() * LEAST >= options.window()
            && verdict.isBetter(options.fall(), options.deviations()));
  }

  /// Whether what learns is better than what is served.
  boolean isWon() {
    Verdict now = challenge.verdict();
    return challenge.isFull()
        && now.isBetter(options.margin(), options.deviations())
        && now.difference() > leastGain();
  }

  private double leastGain() {
    double loss =
        guards.isEmpty()
            ? challenge.verdict().first()
            : guards.getFirst().window().verdict().second();
    double gain = LEAST_GAIN * Math.abs(loss);
    return isNats ? Math.max(gain, LEAST_GAIN) : gain;
  }

  /// Whether what learns has been far worse for too long.
  boolean isLost() {
    return leniency.isOver(challenge.verdict());
  }

  /// What learns begins anew, since it was far worse.
  void restart() {
    challenge.clear();
    leniency.fell();
  }
}
