package dev.unfold.data.text;

import dev.unfold.data.source.DataException;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Draws a tenth of the lines of a text to validate on: any tenth is as likely as any other, and both parts keep the
/// order of the file.
final class LineDraw {
  private static final int FEWEST = 10;

  private LineDraw() {}

  /// The lines to learn from, then those to validate on.
  static Draft[] of(Draft draft, Unit unit, long seed) {
    int end = draft.types().indexOf(Vocabulary.endOfLine(unit));
    int lines = 0;
    for (int i = 0; i < draft.count(); i++) {
      lines += draft.ids()[i] == end ? 1 : 0;
    }
    if (lines < FEWEST) {
      throw new DataException(
          "%s: expected at least %d lines, a tenth of them for validation, got %d"
              .formatted(draft.name(), FEWEST, lines));
    }
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong());
    int[] training = new int[draft.count()];
    int[] validation = new int[draft.count()];
    int trained = 0;
    int validated = 0;
    int left = lines;
    int wanted = lines / 10;
    for (int from = 0; from < draft.count(); left--) {
      int to = from;
      while (draft.ids()[to] != end) {
        to++;
      }
      to++;
      boolean isDrawn = random.nextInt(left) < wanted;
      System.arraycopy(
          draft.ids(),
          from,
          isDrawn ? validation : training,
          isDrawn ? validated : trained,
          to - from);
      if (isDrawn) {
        wanted--;
        validated += to - from;
      } else {
        trained += to - from;
      }
      from = to;
    }
    return new Draft[] {
      part(draft, " (nine tenths of its lines)", training, trained),
      part(draft, " (a tenth of its lines)", validation, validated)
    };
  }

  private static Draft part(Draft draft, String suffix, int[] ids, int count) {
    return new Draft(
        draft.name() + suffix, Arrays.copyOf(ids, count), count, draft.types(), draft.sources());
  }
}
