package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What the documents say of the command line, and the index of decisions. (Their links are checked by `site`.)
final class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^    (?:\\./|[A-Z_]+=\\S+ )?unfold ([a-z].*)$");

  private static final Pattern OPTION_ROW =
      Pattern.compile("\\| `(--[a-z-]+)[^|]*` \\|.*\\| ([^|]+) \\|");

  private static List<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/decisions"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(all::add);
      }
    }
    return all;
  }

  @Test
  void index_ofDecisions_hasTheirNamesAndTitles() throws IOException {
    List<String> expected = new ArrayList<>();
    for (Path file : documents()) {
      String name = file.getFileName().toString();
      if (file.getParent().endsWith("decisions") && !name.equals("README.md")) {
        String title = Files.readAllLines(file).getFirst();
        assertTrue(title.startsWith("# " + name.substring(0, 4) + " "), file + ": " + title);
        expected.add("- [" + title.substring(2) + "](" + name + ")");
      }
    }

    List<String> index = Files.readAllLines(ROOT.resolve("docs/decisions/README.md"));
    assertEquals(expected, index.stream().filter(line -> line.startsWith("- ")).toList());
  }

  private static Stream<CommandLine> commands() {
    return below(Main.commandLine());
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(DocumentsTest::below));
  }

  /// Not in the decisions: those say why, and not what there is.
  private static String guides() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path document : documents()) {
      String name = document.getFileName().toString();
      if (document.getParent().endsWith("docs") || name.equals("README.md")) {
        all.append(document.getParent().endsWith("decisions") ? "" : Files.readString(document));
      }
    }
    return all.toString();
  }

  @Test
  void option_ofAnyCommand_standsInTheGuides() throws IOException {
    String guides = guides();
    Set<String> missing = new TreeSet<>();
    Set<String> all = new TreeSet<>();
    commands()
        .flatMap(command -> command.getCommandSpec().options().stream())
        .map(OptionSpec::longestName)
        .filter(name -> !name.equals("--help") && !name.equals("--version"))
        .forEach(all::add);
    for (String name : all) {
      if (!Pattern.compile(Pattern.quote(name) + "(?![\\w-])").matcher(guides).find()) {
        missing.add(name);
      }
    }

    assertEquals(Set.of(), missing);
    assertTrue(all.size() > 40, "options found: " + all);
  }

  /// A row is about the command of the last line above that names one on its page, or about training.
  @Test
  void default_inATableOfOptions_isTheOneThatIsUsed() throws IOException {
    String command = "train text";
    int count = 0;
    for (String line : guides().lines().toList()) {
      Matcher named = Pattern.compile("with `unfold ([a-z ]+)`:$").matcher(line);
      Matcher row = OPTION_ROW.matcher(line);
      if (line.startsWith("# ")) {
        command = "train text";
      } else if (named.find()) {
        command = named.group(1);
      } else if (row.matches()) {
        count++;
        assertEquals(
            used(command, row.group(1)), stated(row.group(2)), command + ": " + row.group());
      }
    }
    assertTrue(count > 12, "rows found: " + count);
  }

  private static String used(String command, String option) {
    CommandLine line = Main.commandLine();
    for (String word : command.split(" ", -1)) {
      line = line.getSubcommands().get(word);
    }
    OptionSpec spec = line.getCommandSpec().findOption(option);
    assertNotNull(spec, option);
    // This is how picocli writes that there is none.
    String value = spec.defaultValueString();
    return Set.of("null", "[]").contains(value) ? "none" : value.replaceAll("\\.0$", "");
  }

  /// What stands before a remark. A default in words is none that the command line knows.
  private static String stated(String cell) {
    String plain = cell.replace("`", "").replaceAll(" \\(.*", "");
    return plain.contains(" ") ? "none" : plain;
  }

  /// With --help behind it, a command is parsed and not run.
  @Test
  void command_thatIsShown_isOne() throws IOException {
    int count = 0;
    for (Path document : documents()) {
      Matcher command = COMMAND.matcher(Files.readString(document));
      while (command.find()) {
        String line = command.group(1).replaceAll(" +#.*", "").replace(" ...", " text");
        if (line.contains("bench peers")) {
          continue;
        }
        count++;
        List<Object> words = new ArrayList<>();
        Matcher word = Pattern.compile("\"([^\"]*)\"|\\S+").matcher(line);
        while (word.find()) {
          words.add(word.group(1) == null ? word.group() : word.group(1));
        }
        words.add("--help");
        Cli cli = Cli.run(words.toArray());
        assertEquals(0, cli.exitCode(), () -> document + ": " + line + ": " + cli.err());
      }
    }
    assertTrue(count > 20, "commands found: " + count);
  }
}
