package dev.unfold.train.update;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.OptionalDouble;

/// How gradients that are too large are made smaller.
public sealed interface Clip {
  /// What [#parse] reads before the limit of [Value].
  String VALUE = "value=";

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
      return VALUE + limit;
    }
  }

  /// What [#parse] reads.
  String text();

  /// Reads `none`, a number for the norm, or `value=` and a number.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static Clip parse(String text) {
    if (Expect.given("clip", text).equals("none")) {
      return new None();
    }
    boolean value = text.startsWith(VALUE);
    OptionalDouble limit = Decimal.parse(value ? text.substring(VALUE.length()) : text);
    if (limit.isEmpty()) {
      throw new Refusal("clip", "a largest norm, value=NUMBER or none", text);
    }
    return value ? new Value(limit.getAsDouble()) : new Norm(limit.getAsDouble());
  }

  private static void expect(double limit) {
    if (!(limit > 0 && Double.isFinite(limit))) {
      throw new Refusal("clip", "a finite number above 0", limit);
    }
  }
}
