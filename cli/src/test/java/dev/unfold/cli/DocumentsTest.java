package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the documents say of each other, and of the command line.
final class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^    (?:\\./|[A-Z_]+=\\S+ )?unfold ([a-z].*)$");

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

  @Test
  void link_toAFile_leadsToOne() throws IOException {
    int count = 0;
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        count++;
        Path target = document.resolveSibling(link.group(1));
        assertTrue(Files.exists(target), () -> document + ": no " + target);
      }
    }
    assertTrue(count > 30, "links found: " + count);
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
