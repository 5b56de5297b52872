package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.Heap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The different tokens that a network knows, numbered from 0.
///
/// **Order**, which follows from the training text alone: [Unit#CHAR] by code point; [Unit#WORD] the
/// most frequent first, equally frequent ones by [String#compareTo], but `<unk>` last if and only if the text lacks it
/// and all its words are there ([WordLimits]);
/// [Unit#BYTE] by value.
///
/// **Unknown tokens**: any text can be encoded. [Unit#CHAR] has the replacement character U+FFFD and
/// [Unit#WORD] has `<unk>`, whether the training text has it or not, and they stand in for what the
/// vocabulary lacks; [Text#replaced] tells how often. [Unit#WORD] has `<eos>` in the same way.
/// [Unit#BYTE] lacks nothing.
///
/// **Threads**: immutable.
public final class Vocabulary {
  /// The end of a line among words.
  public static final String END_OF_LINE = "<eos>";

  /// Stands in for words that the vocabulary lacks.
  public static final String UNKNOWN_WORD = "<unk>";

  /// Stands in for characters that the vocabulary lacks.
  public static final String UNKNOWN_CHARACTER = "\uFFFD";

  private static final Vocabulary BYTES =
      new Vocabulary(Unit.BYTE, IntStream.range(0, 256).mapToObj(Vocabulary::byteName).toList());

  private final Unit unit;
  private final List<String> tokens;
  private final Map<String, Integer> ids;

  private Vocabulary(Unit unit, List<String> tokens) {
    this.unit = unit;
    this.tokens = List.copyOf(tokens);
    this.ids = HashMap.newHashMap(tokens.size());
    for (int i = 0; i < tokens.size(); i++) {
      Integer other = ids.putIfAbsent(tokens.get(i), i);
      if (other != null) {
        throw invalid(
            i, "a token of its own", "\"" + tokens.get(i) + "\" as tokens[" + other + "]");
      }
    }
    for (String token : reserved(unit)) {
      if (!ids.containsKey(token)) {
        throw new Refusal(
            "tokens", "one to be \"" + token + "\", which unit " + unit + " reserves", "none");
      }
    }
  }

  /// The vocabulary of all 256 bytes. The token of a visible ASCII character is that character, any
  /// other is written `0x0A`.
  public static Vocabulary ofBytes() {
    return BYTES;
  }

  /// The vocabulary with these tokens in this order, for example those of a network read from a
  /// file.
  ///
  /// **Errors**: [IllegalArgumentException] if a token occurs twice, a reserved one is missing, or one
  /// is none of the unit.
  public static Vocabulary of(Unit unit, List<String> tokens) {
    Objects.requireNonNull(unit, "unit: expected CHAR, WORD or BYTE, got null");
    Objects.requireNonNull(tokens, "tokens: expected a list, got null");
    for (int i = 0; i < tokens.size(); i++) {
      Objects.requireNonNull(tokens.get(i), "tokens[" + i + "]: expected a token, got null");
    }
    if (unit == Unit.BYTE) {
      if (!tokens.equals(BYTES.tokens)) {
        throw new Refusal("tokens", "those of Vocabulary.ofBytes()", "others");
      }
      return BYTES;
    }
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (unit == Unit.CHAR && token.codePointCount(0, token.length()) != 1) {
        throw invalid(i, "one code point", "\"" + token + "\"");
      }
      if (unit == Unit.WORD
          && (token.isEmpty() || token.chars().anyMatch(c -> WordCutter.isSpace((char) c)))) {
        throw invalid(i, "a word without white space", "\"" + token + "\"");
      }
    }
    return new Vocabulary(unit, tokens);
  }

  /// What a token is.
  public Unit unit() {
    return unit;
  }

  /// How many tokens there are: V.
  public int size() {
    return tokens.size();
  }

  /// The tokens in their order.
  public List<String> tokens() {
    return tokens;
  }

  /// The token with a number.
  public String token(int id) {
    if (id < 0 || id >= tokens.size()) {
      throw new IndexOutOfBoundsException(
          "id: expected 0 to V-1=" + (tokens.size() - 1) + ", got " + id);
    }
    return tokens.get(id);
  }

  /// The number of a token, if the vocabulary has it.
  public OptionalInt id(String token) {
    Objects.requireNonNull(token, "token: expected one, got null");
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// The number of the token that stands in for unknown ones; bytes have none.
  public OptionalInt unknown() {
    return switch (unit) {
      case CHAR -> id(UNKNOWN_CHARACTER);
      case WORD -> id(UNKNOWN_WORD);
      case BYTE -> OptionalInt.empty();
    };
  }

  /// The number of the token that ends a line, if the vocabulary has it.
  public OptionalInt endOfLine() {
    return id(endOfLine(unit));
  }

  /// The number of the token that only stands in for others, so that samples should do without it
  /// (`Sampler.exclude` of the module `core`): U+FFFD, and `<unk>` unless it was trained. Empty if there is
  /// none, or no other token.
  public OptionalInt standIn() {
    OptionalInt unknown = unknown();
    boolean trained = unit == Unit.WORD && unknown.getAsInt() != size() - 1;
    return trained || size() < 2 ? OptionalInt.empty() : unknown;
  }

  /// The tokens of a text that may go on, such as a prompt: an unfinished last line gets no `<eos>`.
  /// Bytes are those of its UTF-8 form.
  public int[] encode(String text) {
    return DraftReader.ofString(unit, "text", text, Cutter::endText)
        .text(this, Heap.OF_PROCESS)
        .tokens();
  }

  /// The text of all tokens, as a new [Decoder] writes it.
  public String decode(int... tokens) {
    Objects.requireNonNull(tokens, "tokens: expected numbers, got null");
    Decoder decoder = new Decoder(this);
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(decoder.next(token));
    }
    return text.append(decoder.end()).toString();
  }

  /// Two vocabularies are equal if they number the same tokens of the same unit alike.
  @Override
  public boolean equals(Object other) {
    return other instanceof Vocabulary that && unit == that.unit && tokens.equals(that.tokens);
  }

  @Override
  public int hashCode() {
    return 31 * unit.hashCode() + tokens.hashCode();
  }

  @Override
  public String toString() {
    return "Vocabulary[" + unit + ", V=" + tokens.size() + "]";
  }

  /// The token that ends a line.
  static String endOfLine(Unit unit) {
    return switch (unit) {
      case CHAR -> "\n";
      case WORD -> END_OF_LINE;
      case BYTE -> BYTES.token('\n');
    };
  }

  /// The tokens that a vocabulary of `unit` always has.
  public static List<String> reserved(Unit unit) {
    return switch (unit) {
      case CHAR -> List.of(UNKNOWN_CHARACTER);
      case WORD -> List.of(END_OF_LINE, UNKNOWN_WORD);
      case BYTE -> List.of();
    };
  }

  private static String byteName(int value) {
    return value > ' ' && value < 0x7F ? Character.toString(value) : "0x%02X".formatted(value);
  }

  private static Refusal invalid(int place, String expected, String came) {
    return new Refusal("tokens[" + place + "]", expected, came);
  }
}
