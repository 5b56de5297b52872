package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.Locale;

/// How the tags of a sequence are found from what the network puts out.
public enum Decoding {
  /// The best path of a conditional random field that is trained with the network; where the tags are those of chunks,
  /// among those that their scheme allows.
  CRF,
  /// The best path that the scheme of chunks allows, by what the network says of each step.
  CONSTRAINED,
  /// Each step for itself.
  FREE;

  /// As [#parse] reads it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The way of that name.
  ///
  /// **Errors**: [IllegalArgumentException] for another.
  public static Decoding parse(String text) {
    for (Decoding one : values()) {
      if (one.text().equals(text)) {
        return one;
      }
    }
    throw new Refusal("decode", "crf, constrained or free", text);
  }

  /// Whether tags are those of chunks in the scheme IOB2: `O`, and `B-X` or `I-X`.
  static boolean isBio(List<String> tags) {
    return tags.stream().anyMatch(tag -> tag.startsWith("B-") || tag.startsWith("I-"))
        && tags.stream()
            .allMatch(tag -> tag.equals("O") || tag.startsWith("B-") || tag.startsWith("I-"));
  }

  /// What suits tags: [#CRF] for those of chunks, [#FREE] for others.
  static Decoding usual(List<String> tags) {
    return isBio(tags) ? CRF : FREE;
  }
}
