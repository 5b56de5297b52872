package dev.unfold.train.update;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Refusal;

/// How the learning rate changes in the course of a run: what it is multiplied with.
public sealed interface Schedule {
  /// Where a run is.
  ///
  /// @param update the number of the update, from 0
  /// @param epochs epochs so far, with the part of the present one
  /// @param done the share of the budget that is used up, 0 to 1
  /// @param stalls how often the validation has not got better, as the schedule counts it
  record Point(long update, double epochs, double done, int stalls) {}

  /// Always 1.
  record Constant() implements Schedule {
    @Override
    public double factor(Point at) {
      return 1;
    }

    @Override
    public String text() {
      return Clause.of("constant").text();
    }
  }

  /// Times `factor` after every `every` epochs, from epoch `from` on.
  record Step(int every, double factor, int from) implements Schedule {
    /// Checks the numbers.
    public Step {
      expect("factor", factor);
      if (every < 1 || from < 0) {
        throw Refusal.within(
            "schedule",
            "step",
            "every of 1 or more and from of 0 or more",
            "%d and %d".formatted(every, from));
      }
    }

    @Override
    public double factor(Point at) {
      double since = Math.floor(at.epochs() + 1e-9) - from;
      return since < every ? 1 : StrictMath.pow(factor, Math.floor(since / every));
    }

    @Override
    public String text() {
      return Clause.of("step")
          .with("every", every)
          .with("factor", factor)
          .with("from", from)
          .text();
    }
  }

  /// Times `factor` in each epoch, a little at each update.
  record Exponential(double factor) implements Schedule {
    /// Checks the number.
    public Exponential {
      expect("factor", factor);
    }

    @Override
    public double factor(Point at) {
      return StrictMath.pow(factor, at.epochs());
    }

    @Override
    public String text() {
      return Clause.of("exponential").with("factor", factor).text();
    }
  }

  /// Half a cosine from 1 to `to` over the whole run, after `warmup` updates in which it rises evenly.
  ///
  /// **Source**: I. Loshchilov and F. Hutter, SGDR, ICLR 2017.
  record Cosine(double to, int warmup) implements Schedule {
    /// Checks the numbers.
    public Cosine {
      expectShare("to", to);
      expectUpdates(warmup);
    }

    @Override
    public double factor(Point at) {
      double rise = rise(at, warmup);
      return rise * (to + (1 - to) * (1 + StrictMath.cos(Math.PI * at.done())) / 2);
    }

    @Override
    public String text() {
      return Clause.of("cosine").with("to", to).with("warmup", warmup).text();
    }
  }

  /// Rises evenly to 1 in `warmup` updates, and falls evenly to `to` at the end of the run.
  record Linear(double to, int warmup) implements Schedule {
    /// Checks the numbers.
    public Linear {
      expectShare("to", to);
      expectUpdates(warmup);
    }

    @Override
    public double factor(Point at) {
      return rise(at, warmup) * (1 - (1 - to) * at.done());
    }

    @Override
    public String text() {
      return Clause.of("linear").with("to", to).with("warmup", warmup).text();
    }
  }

  /// One cycle: from `start` to 1 in the share `up` of the run, and from there to `end`, both along half a cosine.
  ///
  /// **Source**: L. N. Smith and N. Topin, Super-convergence, arXiv 1708.07120.
  record OneCycle(double start, double up, double end) implements Schedule {
    /// Checks the numbers.
    public OneCycle {
      expectShare("start", start);
      expectShare("up", up);
      expectShare("end", end);
    }

    @Override
    public double factor(Point at) {
      return at.done() < up
          ? between(start, 1, at.done() / up)
          : between(1, end, (at.done() - up) / (1 - up));
    }

    private static double between(double from, double to, double share) {
      return to + (from - to) * (1 + StrictMath.cos(Math.PI * share)) / 2;
    }

    @Override
    public String text() {
      return Clause.of("one-cycle").with("start", start).with("up", up).with("end", end).text();
    }
  }

  /// Times `factor` each time that the validation has not got better than the best so far for more than `patience`
  /// validations in a row.
  record Plateau(double factor, int patience) implements Schedule {
    /// Checks the numbers.
    public Plateau {
      expect("factor", factor);
      if (patience < 0) {
        throw Refusal.within("schedule", "plateau", "a patience of 0 or more", patience);
      }
    }

    @Override
    public double factor(Point at) {
      return StrictMath.pow(factor, Math.floor(at.stalls() / (patience + 1.0)));
    }

    @Override
    public String text() {
      return Clause.of("plateau").with("factor", factor).with("patience", patience).text();
    }
  }

  /// Halved after each epoch from the first on whose validation is not better than the one before by the share `by`.
  ///
  /// **Source**: T. Mikolov's RNNLM toolkit.
  record Halve(double by) implements Schedule {
    /// Checks the number.
    public Halve {
      expectShare("by", by);
    }

    @Override
    public double factor(Point at) {
      return StrictMath.pow(0.5, at.stalls());
    }

    @Override
    public String text() {
      return Clause.of("halve").with("by", by).text();
    }
  }

  /// What the learning rate is multiplied with.
  double factor(Point at);

  /// What [#parse] reads.
  String text();

  /// How many stalls there are after a validation.
  ///
  /// @param stalls before it
  /// @param last the loss of the validation before; NaN if this is the first
  /// @param best the best loss before; NaN if this is the first
  /// @param now the loss of this one
  default int stalls(int stalls, double last, double best, double now) {
    return switch (this) {
      case Plateau plateau ->
          now < best || Double.isNaN(best)
              ? stalls - stalls % (plateau.patience() + 1)
              : stalls + 1;
      case Halve halve -> stalls > 0 || now > last * (1 - halve.by()) ? stalls + 1 : stalls;
      default -> 0;
    };
  }

  /// Reads a name and numbers by name: `constant`, `step,every=1,factor=0.5,from=4`, `exponential,factor=0.95`,
  /// `cosine,to=0,warmup=100`, `linear,to=0,warmup=100`, `one-cycle,start=0.04,up=0.3,end=0`,
  /// `plateau,factor=0.5,patience=2`, `halve,by=0.003`.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static Schedule parse(String text) {
    Clause read = Clause.headed("schedule", text);
    return switch (read.head()) {
      case "constant" -> {
        read.only();
        yield new Constant();
      }
      case "step" -> {
        read.only("every", "factor", "from");
        yield new Step(
            read.whole("every", 1, 1), read.number("factor", 0.5), read.whole("from", 0, 0));
      }
      case "exponential" -> new Exponential(read.only("factor").number("factor", 0.95));
      case "cosine" -> {
        read.only("to", "warmup");
        yield new Cosine(read.number("to", 0), read.whole("warmup", 0, 0));
      }
      case "linear" -> {
        read.only("to", "warmup");
        yield new Linear(read.number("to", 0), read.whole("warmup", 0, 0));
      }
      case "one-cycle" -> {
        read.only("start", "up", "end");
        yield new OneCycle(
            read.number("start", 0.04), read.number("up", 0.3), read.number("end", 0));
      }
      case "plateau" -> {
        read.only("factor", "patience");
        yield new Plateau(read.number("factor", 0.5), read.whole("patience", 0, 2));
      }
      case "halve" -> new Halve(read.only("by").number("by", 0.003));
      default ->
          throw new Refusal(
              "schedule",
              "constant, step, exponential, cosine, linear, one-cycle, plateau or halve",
              read.head());
    };
  }

  private static double rise(Point at, int warmup) {
    return at.update() < warmup ? (at.update() + 1.0) / (warmup + 1.0) : 1;
  }

  private static void expect(String name, double factor) {
    if (!(factor > 0 && factor <= 1)) {
      throw new Refusal("schedule", "a %s above 0, at most 1".formatted(name), factor);
    }
  }

  private static void expectShare(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new Refusal("schedule", "%s of 0 or more and below 1".formatted(name), share);
    }
  }

  private static void expectUpdates(int updates) {
    if (updates < 0) {
      throw new Refusal("schedule", "a warmup of 0 updates or more", updates);
    }
  }
}
