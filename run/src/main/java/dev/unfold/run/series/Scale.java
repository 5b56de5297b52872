package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import java.util.Locale;

/// How the values of a target are made alike, window by window.
public enum Scale {
  /// Not at all: what the network says are the values themselves, as counts have to be.
  NONE {
    @Override
    double forward(double value) {
      return value;
    }

    @Override
    double back(double value) {
      return value;
    }
  },
  /// By what came before: for what is added up.
  LINEAR {
    @Override
    double forward(double value) {
      return value;
    }

    @Override
    double back(double value) {
      return value;
    }
  },
  /// Their logarithms by what came before: for positive values whose changes grow with them, what is multiplied.
  LOG {
    @Override
    double forward(double value) {
      return Math.log(value);
    }

    @Override
    double back(double value) {
      return Math.exp(value);
    }
  };

  abstract double forward(double value);

  abstract double back(double value);

  /// As people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that `text` says.
  ///
  /// **Errors**: [Refusal] if it says none.
  public static Scale parse(String text) {
    for (Scale each : values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new Refusal("scale", "auto, linear, log or none", text);
  }
}
