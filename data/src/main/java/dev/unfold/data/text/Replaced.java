package dev.unfold.data.text;

/// The tokens of a text that a vocabulary lacks, for which its unknown token stands in.
///
/// @param count how many there are
/// @param first the first of them as text; empty if there is none
/// @param position the place of the first among the tokens, from 0; -1 if there is none
public record Replaced(int count, String first, int position) {
  /// No token was replaced.
  public static final Replaced NONE = new Replaced(0, "", -1);

  private static final int LONGEST = 40;

  /// A line for people, as in `3 unknown tokens, the first is U+00E9 "é" at token 17`. What would not show, or
  /// break the line, or move a terminal's cursor, appears as its number alone, and within a word as `?`.
  @Override
  public String toString() {
    if (count == 0) {
      return "no unknown tokens";
    }
    return "%d unknown %s, the first is %s at token %d"
        .formatted(count, count == 1 ? "token" : "tokens", shown(), position);
  }

  private String shown() {
    String visible = first.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    if (first.codePointCount(0, first.length()) == 1) {
      String codePoint = "U+%04X".formatted(first.codePointAt(0));
      return visible.equals(first) ? codePoint + " \"" + first + "\"" : codePoint;
    }
    return visible.length() <= LONGEST
        ? "\"" + visible + "\""
        : "\"" + visible.substring(0, LONGEST) + "...\"";
  }
}
