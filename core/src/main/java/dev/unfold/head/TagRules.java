package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.List;

/// Which sequences of K tags there may be: with which they may start, which may follow which, and with which they may
/// end. Nothing is copied.
///
/// @param starts for each tag whether a sequence may start with it
/// @param transitions for tags i and j, `transitions[i][j]`: whether j may follow i
/// @param ends for each tag whether a sequence may end with it
public record TagRules(boolean[] starts, boolean[][] transitions, boolean[] ends) {
  private static final String OUTSIDE = "O";

  /// Checks the sizes.
  public TagRules {
    int tags = Expect.given("starts", starts).length;
    Expect.positive("tags", "K", tags);
    expect("ends", tags, Expect.given("ends", ends).length);
    expect("transitions", tags, Expect.given("transitions", transitions).length);
    for (boolean[] row : transitions) {
      expect("transitions", tags, Expect.given("transitions", row).length);
    }
  }

  private static void expect(String name, int tags, int got) {
    if (got != tags) {
      throw new Refusal(name, "K=%d as there are starts".formatted(tags), got);
    }
  }

  /// K
  public int tags() {
    return starts.length;
  }

  /// The rules of chunks in the scheme IOB2: `O` is outside of any, `B-X` begins one of kind X, and `I-X` goes on with
  /// it, so that it may only follow `B-X` or `I-X`.
  ///
  /// @param names of the K tags in their order
  ///
  /// **Source**: E. Tjong Kim Sang and J. Veenstra, Representing text chunks, EACL 1999.
  ///
  /// **Errors**: [IllegalArgumentException] that names a tag of another form.
  public static TagRules bio(List<String> names) {
    int tags = Expect.given("names", names).size();
    boolean[] starts = new boolean[tags];
    boolean[] ends = new boolean[tags];
    boolean[][] transitions = new boolean[tags][tags];
    Arrays.fill(ends, true);
    for (int to = 0; to < tags; to++) {
      String name = names.get(to);
      if (!name.equals(OUTSIDE) && !name.startsWith("B-") && !name.startsWith("I-")) {
        throw new Refusal("names", "O, B-KIND or I-KIND", name);
      }
      boolean goesOn = name.startsWith("I-");
      starts[to] = !goesOn;
      for (int from = 0; from < tags; from++) {
        transitions[from][to] = !goesOn || isOfKind(names.get(from), name.substring(2));
      }
    }
    return new TagRules(starts, transitions, ends);
  }

  private static boolean isOfKind(String name, String kind) {
    return name.equals("B-" + kind) || name.equals("I-" + kind);
  }
}
