package dev.unfold.run.task;

import dev.unfold.data.source.DataException;
import dev.unfold.data.text.TextForm;
import java.util.Arrays;
import java.util.List;

/// Texts in two halves: one to choose on, one to tell of.
final class Halves {
  private Halves() {}

  /// One of two halves: of a stream by its tokens, else by its lines.
  ///
  /// @param name of the text
  /// @param which 0 or 1
  /// @param parts how many parts there are to be in the end
  ///
  /// **Errors**: [DataException] for data too short to be halved.
  static List<int[]> of(TextForm form, String name, List<int[]> all, int which, int parts) {
    boolean isStream = form == TextForm.STREAM;
    int count = isStream ? all.getFirst().length : all.size();
    int least = isStream ? 2 * parts : parts;
    if (count < least) {
      throw new DataException(
          "%s: expected %d %s or more, half of them to choose on, got %d"
              .formatted(name, least, isStream ? "tokens" : "lines", count));
    }
    int from = which == 0 ? 0 : count / 2;
    int until = which == 0 ? count / 2 : count;
    return isStream
        ? List.of(Arrays.copyOfRange(all.getFirst(), from, until))
        : all.subList(from, until);
  }
}
