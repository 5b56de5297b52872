package dev.unfold.argument;

/// An argument that cannot be used: which, what was expected, and what came. The message is these three in one line:
/// `hidden: expected 1 or more, got 0`.
///
/// Who knows the argument by a name of its own, as the command line knows `--hidden`, takes [#withName].
public final class Refusal extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String argument;
  private final String part;
  private final String expected;
  private final String got;

  /// @param argument its name, in the caller's words
  /// @param expected what it has to be, as it stands behind "expected"
  /// @param got what came, as it stands behind "got"
  public Refusal(String argument, Object expected, Object got) {
    this(argument, "", expected, got, null);
  }

  /// The same with what it follows from.
  public Refusal(String argument, Object expected, Object got, Throwable cause) {
    this(argument, "", expected, got, cause);
  }

  private Refusal(String argument, String part, Object expected, Object got, Throwable cause) {
    super(message(argument, part, expected, shown(got)), cause);
    this.argument = argument;
    this.part = part;
    this.expected = String.valueOf(expected);
    this.got = shown(got);
  }

  /// Refuses a part of an argument: `init: bias: expected a number, got x`.
  public static Refusal within(String argument, String part, Object expected, Object got) {
    return new Refusal(argument, part + ": ", expected, got, null);
  }

  private static String shown(Object got) {
    String text = String.valueOf(got);
    return text.isEmpty() ? "nothing" : text;
  }

  private static String message(String argument, String part, Object expected, Object got) {
    return argument + ": " + part + "expected " + expected + ", got " + got;
  }

  /// The same of an argument that is known by another name to who calls from farther up.
  public Refusal renamed(String name) {
    return new Refusal(name, part, expected, got, this);
  }

  /// The argument's name.
  public String argument() {
    return argument;
  }

  /// What was expected.
  public String expected() {
    return expected;
  }

  /// What came.
  public String got() {
    return got;
  }

  /// The message, for people who know the argument by another name.
  public String withName(String name) {
    return message(name, part, expected, got);
  }
}
