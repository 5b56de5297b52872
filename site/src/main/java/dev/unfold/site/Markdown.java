package dev.unfold.site;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/// Markdown as HTML, with the anchors that its headings have on other sites, too.
final class Markdown {
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

  private Markdown() {}

  /// A document as a page.
  static Page page(String address, String language, String text, Links links) {
    Node document = PARSER.parse(text);
    Map<org.commonmark.node.Heading, String> anchors = new HashMap<>();
    List<Heading> headings = headings(document, anchors);
    String title =
        headings.stream()
            .filter(heading -> heading.level() == 1)
            .map(Heading::text)
            .findFirst()
            .orElse(address);
    List<Heading> below = headings.stream().filter(heading -> heading.level() > 1).toList();
    return new Page(address, language, title, html(document, links, anchors), below);
  }

  /// Text without headings.
  static String fragment(String text) {
    return html(PARSER.parse(text), Links.AS_WRITTEN, Map.of());
  }

  private static List<Heading> headings(
      Node document, Map<org.commonmark.node.Heading, String> anchors) {
    IdGenerator ids = IdGenerator.builder().build();
    List<Heading> headings = new ArrayList<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(org.commonmark.node.Heading heading) {
            String text = PlainText.of(heading);
            String id = ids.generateId(text);
            anchors.put(heading, id);
            headings.add(new Heading(heading.getLevel(), id, text));
          }
        });
    return headings;
  }

  private static String html(
      Node document, Links links, Map<org.commonmark.node.Heading, String> anchors) {
    ScrollBox.around(document);
    return HtmlRenderer.builder()
        .extensions(EXTENSIONS)
        .nodeRendererFactory(context -> new DocumentRenderer(context, links, anchors))
        .attributeProviderFactory(context ->
            (node, tag, attributes) -> {
              if (node instanceof TableBlock table) {
                attributes.put("style", "min-width: %dch".formatted(TableWidth.of(table)));
              }
            })
        .build()
        .render(document);
  }
}
