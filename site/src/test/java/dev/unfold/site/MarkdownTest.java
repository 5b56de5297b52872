package dev.unfold.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Markdown as the site shows it.
final class MarkdownTest {
  private static Page page(String text) {
    return Markdown.page("page.html", "en", text, Links.AS_WRITTEN);
  }

  @Test
  void page_hasItsTitleAndTheAnchorsOfItsHeadings() {
    Page page =
        page(
            """
            # The `Title`

            ## 3. The error: o - z

            ### Within

            ## 从 Elman 网络

            ## Within
            """);

    assertEquals("The Title", page.title());
    assertEquals(
        List.of(
            new Heading(2, "3-the-error-o---z", "3. The error: o - z"),
            new Heading(3, "within", "Within"),
            new Heading(2, "从-elman-网络", "从 Elman 网络"),
            new Heading(2, "within-1", "Within")),
        page.headings());
    assertTrue(page.body().contains("<h2 id=\"3-the-error-o---z\">"), page.body());
  }

  @Test
  void table_scrollsByItselfAndKeepsTheWidthOfItsWords() {
    String body = page("| a | what |\n|---|--:|\n| `x` | a few words in a cell |\n").body();

    assertTrue(body.contains("<div class=\"scroll\" tabindex=\"0\">"), body);
    // Three and 20 characters.
    assertTrue(body.contains("<table style=\"min-width: 23ch\">"), body);
    assertTrue(body.contains("<th align=\"right\">what</th>"), body);
    assertTrue(body.contains("<code class=\"short\">x</code>"), body);
    assertTrue(body.indexOf("</table>") < body.indexOf("</div>"), body);
  }

  @Test
  void code_keepsItsLinesAndIsEscaped() {
    String fenced = page("```java\nList<String> a = b && c;\n  d\n```\n").body();
    String indented = page("    unfold train <file>\n").body();

    assertTrue(
        fenced.contains("<code>List&lt;String&gt; a = b &amp;&amp; c;\n  d\n</code>"), fenced);
    assertTrue(indented.contains("<code>unfold train &lt;file&gt;\n</code>"), indented);
  }

  @Test
  void markup_inADocument_isText() {
    String body =
        page("""
        # A <script>alert(1)</script>

        <script>alert(2)</script>

        a <b onclick="x()">b</b> [c](javascript:alert(3)) `<i>`

        <img src="a.png" alt="x" width="3" onerror="y()"> <img src="b.png" alt="&quot;">
        """)
            .body();

    assertFalse(body.contains("<script"), body);
    assertFalse(body.contains("<b "), body);
    assertFalse(body.contains("<i>"), body);
    assertFalse(body.contains("href=\"javascript:"), body);
    assertTrue(body.contains("<img alt=\"x\" src=\"a.png\" width=\"3\""), body);
    assertFalse(body.contains(" onerror"), body);
  }

  @Test
  void link_toNoPlace_isText() {
    Page page =
        Markdown.page("page.html", "en", "[a `b`](c.java)", destination -> Optional.empty());

    assertEquals("<p>a <code class=\"short\">b</code></p>\n", page.body());
  }

  @Test
  void link_thatNamesAFile_hasTheTitleOfItsPage() {
    Links links = destination -> Optional.of(new Links.Place("cells.html", "Cells"));

    String body =
        Markdown.page("page.html", "en", "[cells.md](cells.md), [all](cells.md)", links).body();

    assertEquals("<p><a href=\"cells.html\">Cells</a>, <a href=\"cells.html\">all</a></p>\n", body);
  }
}
