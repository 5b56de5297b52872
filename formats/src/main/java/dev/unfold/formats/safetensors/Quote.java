package dev.unfold.formats.safetensors;

/// Makes what a file says fit for a message: short, one line, nothing that moves a cursor.
public final class Quote {
  private static final int LONGEST = 80;

  private Quote() {}

  /// `text` in quotation marks.
  public static String of(String text) {
    return '"' + plain(text) + '"';
  }

  /// `text` without quotation marks.
  public static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      boolean visible = c >= ' ' && Character.isDefined(c) && !hidden(Character.getType(c));
      plain.append(visible ? c : '?');
    }
    return text.length() > LONGEST ? plain + "..." : plain.toString();
  }

  /// `text` as one line, of any length.
  static String line(String text) {
    return text.codePoints()
        .map(c -> hidden(Character.getType(c)) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /// Controls, marks that turn the direction of text, separators of lines, halves of characters.
  private static boolean hidden(int type) {
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE;
  }
}
