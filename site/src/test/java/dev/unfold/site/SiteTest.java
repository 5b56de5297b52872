package dev.unfold.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import picocli.CommandLine;

/// The site of the project itself.
final class SiteTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private static Path folder;
  private static Site site;
  private static List<String> faults;

  @BeforeAll
  static void write() throws IOException {
    site = new Site(ROOT, Site.plan());
    faults = site.write(folder, "1.2.3");
  }

  private static String page(String address) throws IOException {
    return Files.readString(folder.resolve(address));
  }

  @Test
  void site_ofTheProject_hasNoFaults() throws IOException {
    LinkCheck check = LinkCheck.of(folder, file -> file.startsWith(ApiPages.FOLDER));

    assertEquals(List.of(), faults);
    assertEquals(List.of(), check.broken());
    assertTrue(check.pages() > 80 && check.count() > 4000, check.pages() + ", " + check.count());
  }

  @Test
  void documents_ofTheProject_areAllInTheNavigation() throws IOException {
    Set<String> expected = new TreeSet<>();
    for (String below : List.of("docs", "docs/decisions")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(below))) {
        files
            .map(file -> ROOT.relativize(file).toString())
            .filter(name -> name.endsWith(".md"))
            .forEach(expected::add);
      }
    }

    assertTrue(expected.size() > 40, expected::toString);
    expected.removeAll(site.documents());
    assertEquals(Set.of(), expected);
  }

  @Test
  void cells_ofTheLibrary_areAllTypeset() throws Exception {
    List<String> names =
        LibraryCell.all().stream()
            .flatMap(each -> each.cells().stream())
            .map(Cell::name)
            .sorted()
            .toList();
    assertEquals(Cells.names(), names);

    int count = 0;
    for (LibraryCell cell : LibraryCell.all()) {
      count += wellFormed(page("cells/" + cell.name() + ".html"));
    }
    assertEquals(names.size(), count);
    // Three kinds, three functions of gates, four of candidates, without the standard ones.
    assertEquals(33, wellFormed(page("cells/activated.html")));
  }

  /// How many equations there are, all of them XML.
  private static int wellFormed(String page) throws Exception {
    Matcher math = Pattern.compile("<math .*?</math>", Pattern.DOTALL).matcher(page);
    int count = 0;
    while (math.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(math.group())));
      count++;
    }
    return count;
  }

  @Test
  void commands_andTheirOptions_areAllInTheReference() throws IOException {
    int count = 0;
    for (CommandLine command : below(dev.unfold.cli.Main.commandLine()).toList()) {
      String name = command.getCommandSpec().qualifiedName("-").replaceFirst("^unfold-?", "");
      String page = page("commands/" + (name.isEmpty() ? "index" : name) + ".html");
      Set<String> told =
          Pattern.compile("<code>(--?[\\w-]+)[=<]")
              .matcher(page)
              .results()
              .map(match -> match.group(1))
              .collect(Collectors.toSet());
      for (CommandLine.Model.OptionSpec option : command.getCommandSpec().options()) {
        for (String each : option.names()) {
          count++;
          assertTrue(told.contains(each), () -> name + ": " + each);
        }
      }
      assertTrue(page.contains("<th scope=\"row\">130</th>"), name);
    }
    assertTrue(count > 300, "options: " + count);
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return Stream.concat(
        Stream.of(command), command.getSubcommands().values().stream().flatMap(SiteTest::below));
  }

  @Test
  void page_ofAnotherLanguage_isLinkedBothWays() throws IOException {
    assertTrue(page("bptt.html").contains("href=\"bptt.zh.html\">中文</a>"));
    assertTrue(page("bptt.zh.html").contains("href=\"bptt.html\">English</a>"));
    assertTrue(page("bptt.zh.html").contains("<html lang=\"zh-Hans\">"));
  }

  @Test
  void sources_thatOthersSee_leadToTheirJavadoc() throws IOException {
    assertTrue(
        page("cells.html")
            .contains("<a href=\"api/dev.unfold.core/dev/unfold/cell/library/LightCells.html\">"));
    assertEquals(
        Optional.empty(),
        new ApiPages(folder)
            .ofSource(ROOT.resolve("core/src/main/java/dev/unfold/plan/Passes.java")));
  }

  @Test
  void source_ofAModuleWithoutADescriptor_leadsToItsJavadocIfThatIsThere(@TempDir Path out)
      throws IOException {
    Path source = ROOT.resolve("spark/src/main/java/dev/unfold/spark/SequenceForecaster.java");
    ApiPages pages = new ApiPages(out);
    assertTrue(Files.exists(source));
    assertEquals(Optional.empty(), pages.ofSource(source));

    String page = "api/spark/dev/unfold/spark/SequenceForecaster.html";
    Files.createDirectories(out.resolve(page).getParent());
    Files.writeString(out.resolve(page), "<p>");
    assertEquals(Optional.of(page), pages.ofSource(source));
  }

  @Test
  void project_withFaults_tellsEachInALine(@TempDir Path project, @TempDir Path out)
      throws IOException {
    Files.createDirectories(project.resolve("docs"));
    String library = "core/src/main/java/dev/unfold/cell/library";
    Files.createDirectories(project.resolve(library));
    try (Stream<Path> sources = Files.list(ROOT.resolve(library))) {
      for (Path source : sources.toList()) {
        Files.copy(source, project.resolve(library).resolve(source.getFileName()));
      }
    }
    Files.writeString(project.resolve("README.md"), "# A\n[b](docs/none.md) [c](docs/lost.md)\n");
    Files.writeString(project.resolve("docs/lost.md"), "# B\n");

    Site site = new Site(project, "Start\n  A = README.md\n  C = docs/c.md\n");

    assertEquals(
        List.of(
            "navigation: no file docs/c.md",
            "docs/lost.md: is not in the navigation (navigation.txt)",
            "README.md: no file docs/none.md",
            "README.md: leads to docs/lost.md, which is no page of the site"),
        site.write(out, "1"));
  }

  @Test
  void javadoc_thatIsThere_isKept(@TempDir Path out) throws IOException {
    Path javadoc = Files.createDirectories(out.resolve("api")).resolve("index.html");
    Files.writeString(javadoc, "<p>");
    Path old = Files.writeString(out.resolve("old.html"), "<p>");

    new Site(ROOT, "Start\n  A = LICENSE\n").write(out, "1");

    assertTrue(Files.exists(javadoc));
    assertTrue(Files.notExists(old));
  }
}
