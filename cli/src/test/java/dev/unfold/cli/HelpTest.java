package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// The help of every command, as picocli makes it.
final class HelpTest {
  static Stream<String> commands() {
    return below(Main.commandLine())
        .map(command -> command.getCommandSpec().qualifiedName().replaceFirst("^unfold ?", ""));
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return Stream.concat(
        Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::below));
  }

  private static Stream<String> groups() {
    return commands().filter(name -> !subcommands(name).isEmpty());
  }

  private static List<String> subcommands(String name) {
    CommandLine command = Main.commandLine();
    for (String word : words(name)) {
      command = command.getSubcommands().get(word);
    }
    return List.copyOf(command.getSubcommands().keySet());
  }

  private static List<String> words(String name) {
    return Stream.of(name.split(" ")).filter(word -> !word.isEmpty()).toList();
  }

  /// A percent sign that is not written twice in a description makes picocli print warnings on the error stream of the
  /// process.
  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEveryCommand_isAllThatIsPrinted(String name) {
    PrintStream before = System.err;
    ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    Cli cli;
    try {
      System.setErr(new PrintStream(complaints, true, StandardCharsets.UTF_8));
      cli = Cli.run(Stream.concat(words(name).stream(), Stream.of("--help")).toArray());
    } finally {
      System.setErr(before);
    }

    assertEquals("", complaints.toString(StandardCharsets.UTF_8));
    assertEquals(List.of(), cli.err());
    assertEquals(0, cli.exitCode());
    assertTrue(cli.out().startsWith("Usage: " + ("unfold " + name).strip()), cli.out());
    for (String raw : List.of("WARN", "${", "%%", "%n")) {
      assertFalse(cli.out().contains(raw), raw + " in " + cli.out());
    }
  }

  @ParameterizedTest
  @MethodSource("groups")
  void synopsis_ofACommandWithCommands_namesThem(String name) {
    String synopsis = Cli.printed(Stream.concat(words(name).stream(), Stream.of("-h")).toArray());

    String first = synopsis.lines().findFirst().orElseThrow();
    String expected = name.isEmpty() ? "[COMMAND]" : String.join("|", subcommands(name));
    assertTrue(first.endsWith(" " + expected), first);
  }
}
