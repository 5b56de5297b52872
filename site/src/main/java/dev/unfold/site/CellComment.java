package dev.unfold.site;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A comment in a source, in Markdown: what stands before its first block of code, and what after it.
///
/// @param before a sentence or more
/// @param after the rest
record CellComment(String before, String after) {
  /// The comment above the public method `method`.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such method.
  static CellComment ofMethod(String source, String method) {
    return above(
        source, Pattern.compile("  public static Cell " + method + "\\("), "method " + method);
  }

  /// The comment above the class.
  ///
  /// **Errors**: [IllegalArgumentException] if there is none.
  static CellComment ofClass(String source) {
    return above(source, Pattern.compile("public final class "), "class");
  }

  private static CellComment above(String source, Pattern declaration, String what) {
    List<String> comment = new ArrayList<>();
    for (String line : source.lines().toList()) {
      if (declaration.matcher(line).lookingAt()) {
        return split(comment);
      }
      String text = line.strip();
      if (text.startsWith("///")) {
        comment.add(text.substring(3).replaceFirst("^ ", ""));
      } else {
        comment.clear();
      }
    }
    throw new IllegalArgumentException("source: expected a public " + what + ", got none");
  }

  private static CellComment split(List<String> lines) {
    int first = 0;
    while (first < lines.size() && !isCode(lines.get(first))) {
      first++;
    }
    if (first == lines.size()) {
      int end = Math.max(lines.indexOf(""), 0);
      return of(lines.subList(0, end), lines.subList(end, lines.size()));
    }
    int last = first;
    while (last < lines.size() && (isCode(lines.get(last)) || lines.get(last).isEmpty())) {
      last++;
    }
    return of(lines.subList(0, first), lines.subList(last, lines.size()));
  }

  private static CellComment of(List<String> before, List<String> after) {
    return new CellComment(String.join("\n", before).strip(), String.join("\n", after).strip());
  }

  private static boolean isCode(String line) {
    return line.startsWith("    ");
  }

  /// The first sentence, without what introduces equations.
  String summary() {
    String text = before.lines().map(String::strip).reduce("", (a, b) -> a + " " + b).strip();
    return text.split("(?<=\\.) |:(?: |$)", 2)[0].replaceFirst("\\.$", "");
  }
}
