package dev.unfold.site;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/// What stands around each page: navigation, contents, and the ways to the pages before and after it.
final class Frame {
  private static final int LONG = 3;

  private final String template;
  private final Navigation navigation;
  private final Set<String> addresses;
  private final String version;

  /// @param template HTML with names in double braces
  /// @param addresses all pages of the site
  Frame(String template, Navigation navigation, Set<String> addresses, String version) {
    this.template = template;
    this.navigation = navigation;
    this.addresses = Set.copyOf(addresses);
    this.version = version;
  }

  /// The whole page as HTML.
  String around(Page page) {
    String title = page.address().equals("index.html") ? "Unfold" : page.title() + " - Unfold";
    Wording wording = Wording.of(page.language());
    // The body last: what looks like a name in it stays what it is.
    return template
        .replace("{{language}}", wording.tag())
        .replace("{{skip}}", wording.skip())
        .replace("{{menu}}", wording.menu())
        .replace("{{search}}", wording.search())
        .replace("{{previous}}", wording.previous())
        .replace("{{next}}", wording.next())
        .replace("{{title}}", Html.escaped(title))
        .replace("{{root}}", root(page))
        .replace("{{version}}", Html.escaped(version))
        .replace("{{navigation}}", navigation(page))
        .replace("{{neighbours}}", neighbours(page))
        .replace("{{translation}}", translation(page))
        .replace("{{body}}", page.body().replaceFirst("(?<=</h1>)", quoted(contents(page))));
  }

  private static String quoted(String replacement) {
    return Matcher.quoteReplacement("\n" + replacement);
  }

  private static String root(Page page) {
    return "../".repeat((int) page.address().chars().filter(c -> c == '/').count());
  }

  private String navigation(Page page) {
    StringBuilder html = new StringBuilder();
    for (Navigation.Group group : navigation.groups()) {
      html.append("<p class=\"group\">")
          .append(Html.escaped(group.title()))
          .append("</p>\n")
          .append(entries(group.entries(), page));
    }
    return html.toString();
  }

  private static String entries(List<Navigation.Entry> entries, Page page) {
    return entries.stream()
        .map(entry -> entry(entry, page))
        .collect(Collectors.joining("", "<ul>\n", "</ul>\n"));
  }

  /// What is below an entry is seen on its page and on those below it.
  private static String entry(Navigation.Entry entry, Page page) {
    boolean current = entry.address().equals(page.address());
    boolean open = !entry.below().isEmpty() && entry.covers(page.address());
    return "<li><a href=\"%s\"%s%s>%s</a>%s</li>%n"
        .formatted(
            Html.escaped(page.to(entry.address())),
            current ? " aria-current=\"page\"" : "",
            language(entry.title()),
            Html.escaped(entry.title()),
            open ? "\n" + entries(entry.below(), page) : "");
  }

  private static String language(String title) {
    return title.codePoints().anyMatch(Character::isIdeographic) ? " lang=\"zh-Hans\"" : "";
  }

  private String neighbours(Page page) {
    List<Navigation.Entry> all =
        navigation.entries().stream().filter(entry -> addresses.contains(entry.address())).toList();
    List<String> order = all.stream().map(Navigation.Entry::address).toList();
    int here = order.indexOf(page.address());
    Wording words = Wording.of(page.language());
    String before = here > 0 ? neighbour(page, "prev", words.previous(), all.get(here - 1)) : "";
    String after =
        here >= 0 && here + 1 < all.size()
            ? neighbour(page, "next", words.next(), all.get(here + 1))
            : "";
    return before + after;
  }

  private static String neighbour(Page page, String relation, String word, Navigation.Entry entry) {
    return "<a rel=\"%s\" href=\"%s\"><small>%s</small> <span%s>%s</span></a>"
        .formatted(
            relation,
            Html.escaped(page.to(entry.address())),
            word,
            language(entry.title()),
            Html.escaped(entry.title()));
  }

  private String translation(Page page) {
    boolean chinese = page.language().equals("zh");
    String other =
        chinese
            ? page.address().replace(".zh.html", ".html")
            : page.address().replaceFirst("\\.html$", ".zh.html");
    return Optional.of(other)
        .filter(addresses::contains)
        .map(address ->
            "<a class=\"translation\" hreflang=\"%s\" lang=\"%s\" href=\"%s\">%s</a>"
                .formatted(
                    chinese ? "en" : "zh-Hans",
                    chinese ? "en" : "zh-Hans",
                    Html.escaped(page.to(address)),
                    chinese ? "English" : "中文"))
        .orElse("");
  }

  /// Its sections, if there are enough of them to look for one.
  private static String contents(Page page) {
    List<Heading> sections =
        page.headings().stream().filter(heading -> heading.level() == 2).toList();
    if (sections.size() < LONG) {
      return "";
    }
    String items =
        sections.stream()
            .map(heading ->
                "<li>" + Html.link("#" + heading.id(), Html.escaped(heading.text())) + "</li>")
            .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>\n"));
    String title = Wording.of(page.language()).contents();
    return """
    <aside class="contents"><details><summary>%s</summary><nav aria-label="%s">
    %s</nav></details></aside>
    """
        .formatted(title, title, items);
  }
}
