package dev.unfold.train.update;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Refusal;

/// Whether the parameters that are validated and kept are those of the last update, or their average over updates.
public sealed interface Averaging {
  /// Those of the last update.
  record None() implements Averaging {
    @Override
    public String text() {
      return Clause.of("none").text();
    }
  }

  /// The average over all updates from `from` on.
  record Always(long from) implements Averaging {
    /// Checks the number.
    public Always {
      if (from < 0) {
        throw new Refusal("average", "from of 0 or more", from);
      }
    }

    @Override
    public String text() {
      return Clause.of("always").with("from", from).text();
    }
  }

  /// The average over all updates since the validation was worse than the best of all but the last `memory` validations
  /// before it: the non-monotonic trigger.
  ///
  /// **Source**: S. Merity, N. S. Keskar and R. Socher, Regularizing and optimizing LSTM language models, ICLR 2018.
  record Triggered(int memory) implements Averaging {
    /// Checks the number.
    public Triggered {
      if (memory < 0) {
        throw new Refusal("average", "memory of 0 or more", memory);
      }
    }

    @Override
    public String text() {
      return Clause.of("triggered").with("memory", memory).text();
    }
  }

  /// What [#parse] reads.
  String text();

  /// Reads `none`, `always`, `always,from=1000`, `triggered` or `triggered,memory=5`.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static Averaging parse(String text) {
    Clause read = Clause.headed("average", text);
    return switch (read.head()) {
      case "none" -> {
        read.only();
        yield new None();
      }
      case "always" -> new Always(read.only("from").whole("from", 0, 0));
      case "triggered" -> new Triggered(read.only("memory").whole("memory", 0, 5));
      default -> throw new Refusal("average", "none, always or triggered", read.head());
    };
  }
}
