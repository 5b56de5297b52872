package dev.unfold.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Links of small sites.
final class LinkCheckTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeATarget() throws IOException {
    Files.createDirectories(folder.resolve("below"));
    Files.writeString(
        folder.resolve("below/target.html"), "<h1 id=\"here\">x</h1><p id=\"a&lt;b&gt;(c)\">y</p>");
  }

  private List<String> broken(String page) throws IOException {
    Files.writeString(folder.resolve("page.html"), page);
    return LinkCheck.of(folder, file -> file.startsWith("api/")).broken();
  }

  @Test
  void links_thatLeadSomewhere_areFine() throws IOException {
    assertEquals(
        List.of(),
        broken(
            """
            <p id="own"><a href="#own">1</a> <a href="below/target.html">2</a>
            <a href="below/target.html#here">3</a> <a href="below/target.html#a%3Cb%3E(c)">4</a>
            <a href="api/not/made.html#x">5</a> &lt;a href="nowhere">\
            """));
  }

  @Test
  void link_toNoFile_isNamedWithItsPage() throws IOException {
    assertEquals(
        List.of("page.html: below/other.html leads to no file"),
        broken("<a href=\"below/other.html\">x</a>"));
    assertEquals(
        List.of("page.html: a.png leads to no file"), broken("<img alt=\"\" src=\"a.png\">"));
  }

  @Test
  void link_toNoAnchor_isNamedWithItsPage() throws IOException {
    assertEquals(
        List.of("page.html: below/target.html#there leads to no anchor of that name"),
        broken("<a href=\"below/target.html#there\">x</a>"));
    assertEquals(
        List.of("page.html: #there leads to no anchor of that name"),
        broken("<a href=\"#there\">x</a>"));
  }

  @Test
  void link_outOfTheFolder_isBroken() throws IOException {
    assertEquals(
        List.of("page.html: ../page.html leads to no file"),
        broken("<a href=\"../page.html\">x</a>"));
  }

  @Test
  void links_toElsewhere_areListedAndNotFollowed() throws IOException {
    Files.writeString(
        folder.resolve("page.html"),
        "<a href=\"https://example.org/a?b=1&amp;c=2\">x</a><a"
            + " href=\"mailto:a@example.org\">y</a>");

    LinkCheck check = LinkCheck.of(folder, file -> false);

    assertEquals(
        List.of("https://example.org/a?b=1&c=2", "mailto:a@example.org"), check.external());
    assertEquals(List.of(), check.broken());
    assertEquals(0, check.count());
    assertEquals(2, check.pages());
  }
}
