package dev.unfold.serve.json;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// The members of a body, one after the other as they come, for bodies that are mostly numbers: they are most of what a
/// server reads. What may stand there is what [Fields] takes.
///
///     try (Members members = Members.of(body)) {
///       while (members.next()) {
///         switch (members.name()) { case "step" -> step = members.whole(0, most); ... }
///
/// **Errors** of all methods: [Refusal] that names the member.
///
/// **Threads**: one at a time.
public final class Members implements AutoCloseable {
  private final JsonParser parser;
  private String name = "body";

  private Members(JsonParser parser) {
    this.parser = parser;
  }

  /// Those of an object.
  public static Members of(byte... json) {
    Members members = new Members(JsonBody.FACTORY.createParser(ObjectReadContext.empty(), json));
    if (members.parser.nextToken() != JsonToken.START_OBJECT) {
      throw members.refusal("a JSON object");
    }
    return members;
  }

  /// Goes on to the next that is not null.
  ///
  /// @return whether there is one
  public boolean next() {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        return true;
      }
    }
    name = "body";
    if (parser.nextToken() != null) {
      throw new Refusal(name, "one JSON object", "more behind it");
    }
    return false;
  }

  /// That of the member.
  public String name() {
    return name;
  }

  /// A text.
  public String text() {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw refusal("a text");
    }
    return parser.getString();
  }

  /// True or false.
  public boolean flag() {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw refusal("true or false");
    };
  }

  /// A whole number within bounds.
  public long whole(long least, long most) {
    boolean isThere =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != NumberType.BIG_INTEGER;
    if (!isThere || parser.getLongValue() < least || parser.getLongValue() > most) {
      throw refusal(Fields.bounds(least, most));
    }
    return parser.getLongValue();
  }

  /// A list of whole numbers of 32 bits, one or more.
  public int[] wholes() {
    expectList("a list of whole numbers");
    int[] all = new int[1];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (count == all.length) {
        all = Arrays.copyOf(all, 2 * count);
      }
      all[count++] = (int) whole(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (count == 0) {
      throw new Refusal(name, "one or more", "none");
    }
    return count == all.length ? all : Arrays.copyOf(all, count);
  }

  /// A list of rows, each a list of numbers, all as wide as the first; one or more of one number or more.
  public NumberTable table() {
    expectList(NumberTable.FORM);
    NumberTable.Builder table = new NumberTable.Builder(name);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expectList(NumberTable.FORM);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (!parser.currentToken().isNumeric()) {
          throw refusal("numbers");
        }
        double number = parser.getDoubleValue();
        if (!Double.isFinite((float) number)) {
          throw refusal("numbers that 32 bits hold");
        }
        table.add(number);
      }
      table.endRow();
    }
    return table.build();
  }

  private void expectList(String expected) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw refusal(expected);
    }
  }

  private Refusal refusal(String expected) {
    String got =
        switch (parser.currentToken()) {
          case null -> "nothing";
          case START_OBJECT -> "an object";
          case START_ARRAY -> "a list";
          case VALUE_STRING -> "a text";
          default -> Fields.shown(parser.getString());
        };
    return new Refusal(name, expected, got);
  }

  @Override
  public void close() {
    parser.close();
  }
}
