package dev.unfold.site;

import java.nio.file.Path;
import java.util.Locale;

/// Where things are on the site.
final class Addresses {
  private Addresses() {}

  /// The page of a Markdown file of the project: `docs/cells.md` is `cells.html`, a README the index of its folder.
  static String ofDocument(String file) {
    String name = file.toLowerCase(Locale.ROOT).replaceFirst("^docs/", "");
    return name.replaceFirst("(^|/)readme\\.", "$1index.").replaceFirst("\\.md$", ".html");
  }

  /// `to` as a link from the page `from`, both relative to the site's folder.
  static String relative(String from, String to) {
    Path folder = Path.of("/" + from).getParent();
    String path = folder.relativize(Path.of("/" + to)).toString();
    return to.endsWith("/") ? path + "/" : path;
  }
}
