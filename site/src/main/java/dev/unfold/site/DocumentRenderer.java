package dev.unfold.site;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.html.CoreHtmlNodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlWriter;

/// Writes the parts of a document that the site has another way for: links, headings, code, and pictures.
final class DocumentRenderer extends CoreHtmlNodeRenderer {
  private static final Pattern PICTURE = Pattern.compile("<img((?:\\s+[a-z]+=\"[^\"]*\")+)\\s*/?>");
  private static final Pattern ATTRIBUTE = Pattern.compile("([a-z]+)=\"([^\"]*)\"");

  private static final int SHORT = 26;

  private final HtmlWriter html;
  private final Links links;
  private final Map<Heading, String> anchors;

  DocumentRenderer(HtmlNodeRendererContext context, Links links, Map<Heading, String> anchors) {
    super(context);
    this.html = context.getWriter();
    this.links = links;
    this.anchors = anchors;
  }

  @Override
  public Set<Class<? extends Node>> getNodeTypes() {
    return Stream.concat(super.getNodeTypes().stream(), Stream.of(ScrollBox.class))
        .collect(Collectors.toSet());
  }

  @Override
  public void render(Node node) {
    if (node instanceof ScrollBox) {
      html.line();
      html.tag("div", ordered("class", "scroll", "tabindex", "0"));
      visitChildren(node);
      html.tag("/div");
      html.line();
    } else {
      super.render(node);
    }
  }

  @Override
  public void visit(Heading heading) {
    String id = anchors.get(heading);
    String tag = "h" + heading.getLevel();
    html.line();
    html.tag(tag, Map.of("id", id));
    visitChildren(heading);
    if (heading.getLevel() > 1) {
      html.tag("a", ordered("class", "anchor", "href", "#" + id, "aria-label", "This section"));
      html.text("#");
      html.tag("/a");
    }
    html.tag("/" + tag);
    html.line();
  }

  @Override
  public void visit(Link link) {
    Optional<Links.Place> found = links.link(link.getDestination());
    if (found.isEmpty()) {
      visitChildren(link);
      return;
    }
    Links.Place place = found.get();
    String address = context.urlSanitizer().sanitizeLinkUrl(place.address());
    html.tag("a", Map.of("href", context.encodeUrl(address)));
    if (PlainText.of(link).endsWith(".md") && !place.title().isEmpty()) {
      // The name of a file means nothing here.
      html.text(place.title());
    } else {
      visitChildren(link);
    }
    html.tag("/a");
  }

  /// What is short stays in one line: it would break at the hyphens of options.
  @Override
  public void visit(Code code) {
    boolean isShort = code.getLiteral().length() <= SHORT;
    html.tag("code", isShort ? Map.of("class", "short") : Map.of());
    html.text(code.getLiteral());
    html.tag("/code");
  }

  @Override
  public void visit(Image image) {
    picture(image.getDestination(), ordered("alt", PlainText.of(image)));
  }

  @Override
  public void visit(FencedCodeBlock block) {
    code(block.getLiteral());
  }

  @Override
  public void visit(IndentedCodeBlock block) {
    code(block.getLiteral());
  }

  private void code(String text) {
    html.line();
    html.tag("pre", Map.of("tabindex", "0"));
    html.tag("code");
    html.text(text);
    html.tag("/code");
    html.tag("/pre");
    html.line();
  }

  @Override
  public void visit(HtmlBlock block) {
    html.line();
    html.tag("p");
    markup(block.getLiteral());
    html.tag("/p");
    html.line();
  }

  @Override
  public void visit(HtmlInline inline) {
    markup(inline.getLiteral());
  }

  /// Pictures with a width cannot be written otherwise in Markdown; all else is text.
  private void markup(String text) {
    Matcher picture = PICTURE.matcher(text);
    int end = 0;
    while (picture.find()) {
      html.text(text.substring(end, picture.start()));
      Map<String, String> attributes = new TreeMap<>();
      Matcher attribute = ATTRIBUTE.matcher(picture.group(1));
      while (attribute.find()) {
        if (Set.of("src", "alt", "width", "height").contains(attribute.group(1))) {
          attributes.put(attribute.group(1), Html.unescaped(attribute.group(2)));
        }
      }
      String source = attributes.remove("src");
      if (source != null) {
        picture(source, attributes);
      }
      end = picture.end();
    }
    html.text(text.substring(end));
  }

  private void picture(String source, Map<String, String> others) {
    Map<String, String> attributes = new TreeMap<>(others);
    attributes.put(
        "src", context.encodeUrl(links.link(source).map(Links.Place::address).orElse(source)));
    html.tag("img", attributes, true);
  }

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
