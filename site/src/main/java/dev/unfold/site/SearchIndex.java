package dev.unfold.site;

import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the search of the site looks through: titles and headings, with where they are.
final class SearchIndex {
  private SearchIndex() {}

  /// A script that defines `places`, a list of [address, page, heading]; it can be loaded without a server.
  static String of(Collection<Page> pages) {
    return pages.stream()
        .flatMap(SearchIndex::places)
        .collect(Collectors.joining(",\n", "const places = [\n", "\n];\n"));
  }

  private static Stream<String> places(Page page) {
    return Stream.concat(
        Stream.of(place(page.address(), page.title(), "")),
        page.headings().stream()
            .map(heading ->
                place(page.address() + "#" + heading.id(), page.title(), heading.text())));
  }

  private static String place(String address, String title, String heading) {
    return Stream.of(address, title, heading)
        .map(SearchIndex::quoted)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String quoted(String text) {
    String plain = text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\s+", " ");
    return "\"" + plain.replace("<", "\\u003c") + "\"";
  }
}
