package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A command line that was run in this process.
///
/// @param exitCode how it ended
/// @param out what it printed
/// @param err the lines on its error stream
record Cli(int exitCode, String out, List<String> err) {
  static Cli run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Cli(exitCode, out.toString(), err.toString().lines().toList());
  }

  /// Runs one that must succeed, and returns what it printed.
  static String printed(Object... arguments) {
    Cli cli = run(arguments);
    assertEquals(0, cli.exitCode, cli::toString);
    return cli.out;
  }

  /// Runs one that must succeed, and returns the JSON objects that it printed.
  static List<JsonNode> json(Object... arguments) {
    return jsonLines(printed(arguments));
  }

  static List<JsonNode> jsonLines(String text) {
    return text.lines().map(JsonMapper.shared()::readTree).toList();
  }
}
