package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.ModuleCommand;
import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands of modules: found where they are, missed with a word of what to add, and harmless where they are broken.
final class ModuleCommandsTest {
  private static final Map<String, String> ARTIFACTS =
      Map.of("greet", "org.example:greetings", "other", "org.example:others");

  @TempDir private Path folder;

  /// Tells what it was given, or does what it is told to.
  public static class Greet implements ModuleCommand {
    @Override
    public String name() {
      return "greet";
    }

    @Override
    public String summary() {
      return "Greets 100 % of those who are named, %d or ${sys:user.name}.";
    }

    @Override
    public int run(List<String> arguments, PrintWriter out, PrintWriter err) throws Exception {
      switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
        case "refuse" -> throw new Refusal("--port", "1 to 65535", 0);
        case "fail" -> throw new IOException("no line\nto anywhere");
        case "break" -> throw new IllegalStateException("in pieces");
        case "link" -> throw new NoClassDefFoundError("org/example/Absent");
        case "heap" -> throw new OutOfMemoryError("Java heap space");
        default -> out.print(arguments);
      }
      err.print("greeted");
      return 7;
    }
  }

  public static final class Other extends Greet {
    @Override
    public String name() {
      return "other";
    }
  }

  public static final class Second extends Greet {}

  public static final class Train extends Greet {
    @Override
    public String name() {
      return "train";
    }
  }

  public static final class Dash extends Greet {
    @Override
    public String name() {
      return "--greet";
    }
  }

  public static final class Nameless extends Greet {
    @Override
    public String name() {
      return null;
    }
  }

  public static final class Silent extends Greet {
    @Override
    public String summary() {
      return null;
    }
  }

  public static final class Broken extends Greet {
    public Broken() {
      throw new IllegalStateException("cannot\nbegin");
    }
  }

  public static final class Incomplete extends Greet {
    public Incomplete() {
      throw new NoClassDefFoundError("org/example/Absent");
    }
  }

  /// Runs the command line beside modules that provide classes of this test.
  private Cli run(String providers, String... arguments) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    String classes =
        Stream.of(providers.split(" "))
            .filter(name -> !name.isEmpty())
            .map(name -> getClass().getName() + "$" + name)
            .collect(Collectors.joining("\n"));
    Files.writeString(services.resolve(ModuleCommand.class.getName()), classes);
    writeOrphan();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      int exitCode =
          Main.run(
              ServiceLoader.load(ModuleCommand.class, loader),
              ARTIFACTS,
              new PrintWriter(out),
              new PrintWriter(err),
              arguments);
      return new Cli(exitCode, out.toString(), err.toString().lines().toList());
    }
  }

  /// A class whose superclass is in a module that is not there.
  private void writeOrphan() throws IOException {
    String name = getClass().getName() + "$Orphan";
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(name),
                builder -> builder.withSuperclass(ClassDesc.of("org.example.Absent")));
    Path file = folder.resolve(name.replace('.', '/') + ".class");
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private static void assertLine(int exitCode, String expected, Cli cli) {
    assertEquals(exitCode, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().startsWith("unfold: "), cli::toString);
    assertTrue(cli.err().getFirst().contains(expected), cli::toString);
    assertEquals("", cli.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "--help", "--version", "-x --port=80 a", "-- @b train --config"})
  void command_ofAModule_getsAllThatStandsBehindIt(String line) throws IOException {
    String[] arguments = ("greet " + line).strip().split(" ");

    Cli cli = run("Other Greet", arguments);

    assertEquals(7, cli.exitCode(), cli::toString);
    assertEquals(Arrays.asList(arguments).subList(1, arguments.length).toString(), cli.out());
    assertEquals(List.of("greeted"), cli.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "-h"})
  void help_besideModules_listsTheirCommandsAfterTheOwn(String line) throws IOException {
    String[] arguments = line.isEmpty() ? new String[0] : new String[] {line};
    String without = run("", arguments).out();

    Cli cli = run("Other Greet", arguments);

    String summary = "Greets 100 % of those who are named, %d or ${sys:user.name}.\n";
    assertEquals(List.of(), cli.err());
    assertEquals(
        without,
        cli.out().replace("  greet      " + summary, "").replace("  other      " + summary, ""));
    assertEquals(2, cli.out().split("Greets", -1).length - 1, cli::toString);
    assertTrue(cli.out().indexOf("  doctor ") < cli.out().indexOf("  greet "), cli::toString);
  }

  @Test
  void command_withoutItsModule_saysWhatToAdd() throws IOException {
    assertLine(
        2, "greet: expected org.example:greetings on the module path, got none", run("", "greet"));
    assertLine(2, "greet: expected org.example:greetings", run("Other", "greet", "--help"));
  }

  @Test
  void command_thatNobodyKnows_isComparedWithThoseOfModules() throws IOException {
    assertLine(
        2, "Unmatched argument at index 0: 'gret'; did you mean greet", run("Greet", "gret"));
    assertFalse(run("", "gret").err().getFirst().contains("greet"));
  }

  @ParameterizedTest
  @CsvSource({
    "refuse, 2, '--port: expected 1 to 65535, got 0'",
    "fail, 1, 'no line to anywhere'",
    "break, 1, 'in pieces'",
    "link, 1, 'greet: expected all that its module needs, got java.lang.NoClassDefFoundError:'",
    "heap, 2, 'not enough memory'"
  })
  void command_thatThrows_endsWithOneLine(String what, int exitCode, String line)
      throws IOException {
    assertLine(exitCode, line, run("Greet", "greet", what));
  }

  @ParameterizedTest
  @CsvSource({
    "Broken, could not be instantiated: java.lang.IllegalStateException: cannot begin",
    "Incomplete, org/example/Absent",
    "Missing, not found",
    "Orphan, java.lang.NoClassDefFoundError: org/example/Absent",
    "Nameless, NullPointerException",
    "Silent, greet has no summary",
    "Train, 'other command''s name, got train'",
    "Dash, 'other command''s name, got --greet'",
    "Greet Second, 'greet: expected it in one module, got '"
  })
  void command_thatCannotBeUsed_isToldInOneLineAndHarmsNoOther(String providers, String reason)
      throws IOException {
    assertLine(2, reason, run(providers, "greet"));
    assertEquals(7, run(providers + " Other", "other").exitCode());

    Cli own = run(providers, "doctor");
    assertEquals(0, own.exitCode());
    assertEquals(List.of(), own.err());

    Cli help = run(providers + " Other", "--help");
    assertEquals(0, help.exitCode());
    assertEquals(1, help.err().size(), help::toString);
    assertTrue(help.err().getFirst().contains(reason), help::toString);
    assertTrue(help.out().contains("  other "), help::toString);
  }
}
