package dev.unfold.serve.json;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// An object of a request: its members, each of the kind that is asked for. Null is as good as nothing. Those that are
/// mostly numbers, and many of them, are read by [Members], which takes the same.
///
/// **Errors** of all methods: [Refusal] that names the member by its way from the top, `inputs[2].shape`.
public final class Fields {
  private static final int LONGEST_SHOWN = 60;

  private final JsonNode node;
  private final String path;

  private Fields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /// The body of a request, an object; one without members if there are no bytes.
  public static Fields of(byte... body) {
    return of("body", JsonBody.parse(body), "");
  }

  private static Fields of(String name, JsonNode node, String path) {
    if (!node.isObject()) {
      throw new Refusal(name, "an object", kind(node));
    }
    return new Fields(node, path);
  }

  /// How a member is called in messages.
  public String path(String name) {
    return path + name;
  }

  /// A member, empty if it is not there.
  public Optional<JsonNode> maybe(String name) {
    JsonNode own = node.get(name);
    return own == null || own.isNull() ? Optional.empty() : Optional.of(own);
  }

  /// A member that has to be there.
  public JsonNode get(String name, String expected) {
    return maybe(name).orElseThrow(() -> new Refusal(path(name), expected, "none"));
  }

  /// Refuses members of other names.
  public Fields only(String... names) {
    List<String> known = List.of(names);
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new Refusal(
            path(shown(name)), known.isEmpty() ? "no member" : "one of " + known, "it");
      }
    }
    return this;
  }

  /// The names of all members.
  public Set<String> names() {
    return Set.copyOf(node.propertyNames());
  }

  /// Whether a member is there.
  public boolean has(String name) {
    return maybe(name).isPresent();
  }

  /// A text.
  ///
  /// @param longest characters of it, at most
  public String text(String name, int longest) {
    return text(path(name), get(name, "a text"), longest);
  }

  /// A text that need not be there.
  public Optional<String> maybeText(String name, int longest) {
    return maybe(name).map(own -> text(path(name), own, longest));
  }

  /// A text, or a list of several; none if it is not there.
  ///
  /// @param most of them
  /// @param longest characters of each, at most
  public List<String> texts(String name, int most, int longest) {
    Optional<JsonNode> own = maybe(name);
    if (own.isEmpty()) {
      return List.of();
    }
    if (own.get().isString()) {
      return List.of(text(path(name), own.get(), longest));
    }
    if (!own.get().isArray()) {
      throw new Refusal(path(name), "a text or a list of them", shown(own.get()));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : list(path(name), own.get(), most)) {
      texts.add(text(path(name) + "[" + texts.size() + "]", each, longest));
    }
    return texts;
  }

  private static String text(String name, JsonNode own, int longest) {
    if (!own.isString()) {
      throw new Refusal(name, "a text", kind(own));
    }
    String text = own.stringValue();
    if (text.length() > longest) {
      throw new Refusal(
          name, "at most %,d characters".formatted(longest), "%,d".formatted(text.length()));
    }
    return text;
  }

  /// A whole number within bounds.
  public long whole(String name, long least, long most) {
    return whole(path(name), get(name, bounds(least, most)), least, most);
  }

  /// Any whole number that need not be there.
  public OptionalLong maybeWhole(String name) {
    return maybeWhole(name, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /// A whole number that need not be there.
  public OptionalLong maybeWhole(String name, long least, long most) {
    return maybe(name)
        .map(own -> OptionalLong.of(whole(path(name), own, least, most)))
        .orElseGet(OptionalLong::empty);
  }

  /// A whole number within bounds, wherever it stands.
  public static long whole(String name, JsonNode own, long least, long most) {
    boolean isThere = own.isIntegralNumber() && own.canConvertToLong();
    if (!isThere || own.longValue() < least || own.longValue() > most) {
      throw new Refusal(name, bounds(least, most), shown(own));
    }
    return own.longValue();
  }

  static String bounds(long least, long most) {
    if (least == Long.MIN_VALUE && most == Long.MAX_VALUE) {
      return "a whole number";
    }
    return most == Long.MAX_VALUE
        ? "a whole number of %,d or more".formatted(least)
        : "a whole number from %,d to %,d".formatted(least, most);
  }

  /// A finite number that need not be there.
  public OptionalDouble maybeNumber(String name) {
    Optional<JsonNode> own = maybe(name);
    return own.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(number(path(name), own.get()));
  }

  /// A finite number, wherever it stands.
  public static double number(String name, JsonNode own) {
    if (!own.isNumber() || !Double.isFinite(own.doubleValue())) {
      throw new Refusal(name, "a finite number", shown(own));
    }
    return own.doubleValue();
  }

  /// True or false; false if it is not there.
  public boolean flag(String name) {
    Optional<JsonNode> own = maybe(name);
    if (own.isPresent() && !own.get().isBoolean()) {
      throw new Refusal(path(name), "true or false", shown(own.get()));
    }
    return own.isPresent() && own.get().booleanValue();
  }

  /// A list of anything.
  ///
  /// @param most elements of it
  public JsonNode list(String name, int most) {
    return list(path(name), get(name, "a list"), most);
  }

  /// A list of anything, wherever it stands.
  public static JsonNode list(String name, JsonNode own, int most) {
    if (!own.isArray()) {
      throw new Refusal(name, "a list", kind(own));
    }
    if (own.size() > most) {
      throw new Refusal(name, "at most %,d".formatted(most), "%,d".formatted(own.size()));
    }
    return own;
  }

  /// An object.
  public Fields object(String name) {
    return of(path(name), get(name, "an object"), path(name) + ".");
  }

  /// An object that need not be there.
  public Optional<Fields> maybeObject(String name) {
    return maybe(name).map(own -> of(path(name), own, path(name) + "."));
  }

  /// A list of objects, one or more.
  public List<Fields> objects(String name, int most) {
    JsonNode all = list(name, most);
    if (all.isEmpty()) {
      throw new Refusal(path(name), "one or more", "none");
    }
    List<Fields> objects = new ArrayList<>();
    for (JsonNode each : all) {
      String own = path(name) + "[" + objects.size() + "]";
      objects.add(of(own, each, own + "."));
    }
    return objects;
  }

  /// What kind of thing came, for messages.
  public static String kind(JsonNode node) {
    if (node.isArray()) {
      return "a list";
    }
    if (node.isObject()) {
      return "an object";
    }
    return node.isString() ? "a text" : shown(node);
  }

  /// What came, short enough for a message.
  public static String shown(JsonNode node) {
    if (node.isArray() || node.isObject()) {
      return kind(node);
    }
    return shown(node.isString() ? node.stringValue() : node.toString());
  }

  /// A text from a request, short enough for a message.
  public static String shown(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
  }
}
