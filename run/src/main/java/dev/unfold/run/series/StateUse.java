package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import java.util.Locale;

/// How far back the state of a network goes when it foresees a series.
public enum StateUse {
  /// Over a window: each forecast encodes the context before its origin anew, and scales by that alone.
  WINDOW,
  /// Over the whole series: the network runs once, what it reads at a step follows from all that came before, and a
  /// forecast goes on from a fork of the state.
  CARRIED;

  /// As people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that `text` says.
  ///
  /// **Errors**: [Refusal] if it says none.
  public static StateUse parse(String text) {
    for (StateUse each : values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new Refusal("state", "window or carried", text);
  }
}
