package dev.unfold.train.update;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Refusal;
import java.util.List;

/// How gradients that are too large are made smaller.
public sealed interface Clip {
  /// What [#parse] reads as the name of the limit of [Value].
  String VALUE = "value";

  /// They stay as they are.
  record None() implements Clip {
    @Override
    public String text() {
      return "none";
    }
  }

  /// All are scaled so that the norm of all together is at most `limit`.
  record Norm(double limit) implements Clip {
    /// Checks the number.
    public Norm {
      expect(limit);
    }

    @Override
    public String text() {
      return Double.toString(limit);
    }
  }

  /// Each is cut to a value from `-limit` to `limit`.
  record Value(double limit) implements Clip {
    /// Checks the number.
    public Value {
      expect(limit);
    }

    @Override
    public String text() {
      return Clause.empty().with(VALUE, limit).text();
    }
  }

  /// What [#parse] reads.
  String text();

  /// Reads `none`, a number for the norm, or `value=` and a number.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static Clip parse(String text) {
    String form = "a largest norm, value=NUMBER or none";
    List<Clause.Part> parts = Clause.list("clip", form, text).parts();
    Clause.Part only = parts.getFirst();
    if (parts.size() == 1 && only.text().equals("none")) {
      return new None();
    }
    boolean known = only.isBare() || only.name().equals(VALUE);
    if (parts.size() > 1 || !known || only.number().isEmpty()) {
      throw new Refusal("clip", form, text);
    }
    double limit = only.number().getAsDouble();
    return only.isBare() ? new Norm(limit) : new Value(limit);
  }

  private static void expect(double limit) {
    if (!(limit > 0 && Double.isFinite(limit))) {
      throw new Refusal("clip", "a finite number above 0", limit);
    }
  }
}
