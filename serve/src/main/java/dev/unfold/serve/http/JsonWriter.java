package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes JSON straight into bytes, for answers that are mostly numbers. What is written is put together by its user:
/// commas and colons between values are put by it, and nothing else is checked.
///
/// Numbers are written with as many digits as tell them from their neighbours, those that are not finite as `null`.
///
/// **Memory**: twice what is written, at most.
///
/// **Errors** of all methods: [Refusal] for more than an array holds, 2 GiB.
///
/// **Threads**: one at a time.
public final class JsonWriter {
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private static final int LONGEST_NUMBER = 32;

  /// As long as arrays can be.
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int length;

  /// Whether a value stands before the next one in the same array or object.
  private boolean isAfter;

  /// @param size bytes that are expected
  public JsonWriter(int size) {
    bytes = new byte[Math.max(LONGEST_NUMBER, size)];
  }

  /// Begins an object.
  public JsonWriter object() {
    open('{');
    return this;
  }

  /// Ends an object.
  public JsonWriter endObject() {
    close('}');
    return this;
  }

  /// Begins an array.
  public JsonWriter array() {
    open('[');
    return this;
  }

  /// Ends an array.
  public JsonWriter endArray() {
    close(']');
    return this;
  }

  /// The name of a member; letters and underscores.
  public JsonWriter name(String name) {
    separate();
    room(name.length() + 3);
    bytes[length++] = '"';
    ascii(name);
    bytes[length++] = '"';
    bytes[length++] = ':';
    isAfter = false;
    return this;
  }

  /// A text.
  public JsonWriter text(String text) {
    separate();
    byte[] json = JsonBody.bytes(text);
    room(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  /// A text of ASCII without quotes, backslashes and controls.
  public JsonWriter plain(String text) {
    separate();
    room(text.length() + 2);
    bytes[length++] = '"';
    ascii(text);
    bytes[length++] = '"';
    return this;
  }

  /// A whole number.
  public JsonWriter number(long value) {
    separate();
    ascii(Long.toString(value));
    return this;
  }

  /// A number of 32 bits.
  public JsonWriter number(float value) {
    separate();
    if (Float.isFinite(value)) {
      ascii(Float.toString(value));
    } else {
      appendNull();
    }
    return this;
  }

  /// `null`
  public JsonWriter nothing() {
    separate();
    appendNull();
    return this;
  }

  private void appendNull() {
    room(NULL.length);
    System.arraycopy(NULL, 0, bytes, length, NULL.length);
    length += NULL.length;
  }

  /// A number of 64 bits.
  public JsonWriter number(double value) {
    if (Double.isFinite(value)) {
      separate();
      ascii(Double.toString(value));
      return this;
    }
    return number(Float.NaN);
  }

  private void open(char bracket) {
    separate();
    room(1);
    bytes[length++] = (byte) bracket;
    isAfter = false;
  }

  private void close(char bracket) {
    room(1);
    bytes[length++] = (byte) bracket;
    isAfter = true;
  }

  private void separate() {
    room(LONGEST_NUMBER);
    if (isAfter) {
      bytes[length++] = ',';
    }
    isAfter = true;
  }

  private void ascii(String text) {
    int count = text.length();
    room(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
  }

  private void room(int more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, grown(bytes.length, (long) length + more));
    }
  }

  /// How long an array becomes that has to hold `need` bytes.
  static int grown(int now, long need) {
    if (need > LONGEST) {
      throw new Refusal("answer", "at most %,d bytes".formatted(LONGEST), "%,d".formatted(need));
    }
    return (int) Math.min(LONGEST, Math.max(need, 2L * now));
  }

  /// What was written, from its start on.
  public byte[] bytes() {
    return bytes;
  }

  /// How many bytes of [#bytes] count.
  public int length() {
    return length;
  }

  /// What was written, as text.
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
