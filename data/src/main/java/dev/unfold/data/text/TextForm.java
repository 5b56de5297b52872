package dev.unfold.data.text;

/// What the sequences of a text are.
public enum TextForm {
  /// One, from the first token to the last: what is learned of one line counts in the next.
  STREAM,

  /// A line each, up to its end, which is a token as well: nothing is carried from line to line. A last line without an
  /// end gets one, in each file; an empty line is nothing but its end.
  LINES
}
