package dev.unfold.train;

/// How gradients that are too large are made smaller.
public sealed interface Clip {
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
      return "value=" + limit;
    }
  }

  /// What [#parse] reads.
  String text();

  /// Reads `none`, a number for the norm, or `value=` and a number.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static Clip parse(String text) {
    if (Given.notNull("clip", text).equals("none")) {
      return new None();
    }
    boolean value = text.startsWith("value=");
    try {
      double limit = Double.parseDouble(value ? text.substring(6) : text);
      return value ? new Value(limit) : new Norm(limit);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "clip: expected a largest norm, value=NUMBER or none, got " + text, e);
    }
  }

  private static void expect(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clip: expected a number above 0, got " + limit);
    }
  }
}
