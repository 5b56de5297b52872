package dev.unfold.data.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Writes tokens as text while they come, for example from a network that is being sampled.
///
/// Words are put apart by blanks, and `<eos>` starts a new line. Bytes are read as UTF-8: a character
/// appears with its last byte, and what is no UTF-8 appears as U+FFFD.
///
/// **Threads**: for one thread; it remembers where the text is.
public final class Decoder {
  private final Vocabulary vocabulary;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  // Room for an unfinished character and the byte after it, and for what they may turn into.
  private final ByteBuffer bytes = ByteBuffer.allocate(8);
  private final CharBuffer chars = CharBuffer.allocate(16);
  private boolean inLine;

  /// A decoder at the start of a text.
  public Decoder(Vocabulary vocabulary) {
    this.vocabulary = Objects.requireNonNull(vocabulary, "vocabulary: expected one, got null");
  }

  /// The text that `token` adds; empty if it is part of a character that is not complete.
  public String next(int token) {
    String name = vocabulary.token(token);
    return switch (vocabulary.unit()) {
      case CHAR -> name;
      case WORD -> word(name);
      case BYTE -> utf8(bytes.put((byte) token), false);
    };
  }

  /// Ends the text: an unfinished character becomes U+FFFD. The decoder is at the start of a new one.
  public String end() {
    inLine = false;
    String rest = utf8(bytes, true);
    utf8.reset();
    return rest;
  }

  private String word(String name) {
    boolean end = name.equals(Vocabulary.END_OF_LINE);
    String text = end ? "\n" : inLine ? " " + name : name;
    inLine = !end;
    return text;
  }

  private String utf8(ByteBuffer input, boolean last) {
    input.flip();
    utf8.decode(input, chars, last);
    input.compact();
    String text = chars.flip().toString();
    chars.clear();
    return text;
  }
}
