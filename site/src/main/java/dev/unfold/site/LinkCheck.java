package dev.unfold.site;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Follows the links of all pages below a folder: each must lead to a file there, and to an anchor in it if it names one.
final class LinkCheck {
  private static final Pattern TAG = Pattern.compile("<[a-zA-Z][^<>]*>");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("\\s(href|src|id|name)\\s*=\\s*\"([^\"]*)\"");

  private final Path folder;
  private final Predicate<String> skipped;
  private final Map<Path, Anchors> pages = new HashMap<>();
  private final List<String> broken = new ArrayList<>();
  private final Set<String> external = new TreeSet<>();
  private int count;

  /// The anchors of a page, and its links.
  private record Anchors(Set<String> ids, List<String> links) {}

  private LinkCheck(Path folder, Predicate<String> skipped) {
    this.folder = folder;
    this.skipped = skipped;
  }

  /// Checks all pages below `folder`, but for links to files there that are `skipped`.
  static LinkCheck of(Path folder, Predicate<String> skipped) throws IOException {
    LinkCheck check = new LinkCheck(folder, skipped);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path page : files.filter(file -> file.toString().endsWith(".html")).sorted().toList()) {
        for (String link : new TreeSet<>(check.page(page).links())) {
          check.follow(page, link);
        }
      }
    }
    return check;
  }

  /// The links that lead nowhere, a line each.
  List<String> broken() {
    return List.copyOf(broken);
  }

  /// Where links lead out of the site, in order.
  List<String> external() {
    return List.copyOf(external);
  }

  /// How many links were followed.
  int count() {
    return count;
  }

  /// How many pages were read.
  int pages() {
    return pages.size();
  }

  private Anchors page(Path file) throws IOException {
    Anchors known = pages.get(file);
    if (known != null) {
      return known;
    }
    Set<String> ids = new HashSet<>();
    List<String> links = new ArrayList<>();
    Matcher tag = TAG.matcher(Files.readString(file));
    while (tag.find()) {
      Matcher attribute = ATTRIBUTE.matcher(tag.group());
      while (attribute.find()) {
        boolean link = attribute.group(1).equals("href") || attribute.group(1).equals("src");
        (link ? links : ids).add(Html.unescaped(attribute.group(2)));
      }
    }
    Anchors page = new Anchors(ids, links);
    pages.put(file, page);
    return page;
  }

  private void follow(Path page, String link) throws IOException {
    if (link.matches("[a-z]+:.*")) {
      external.add(link);
      return;
    }
    int mark = link.indexOf('#');
    String path = mark < 0 ? link : link.substring(0, mark);
    String anchor = mark < 0 ? "" : decoded(link.substring(mark + 1));
    Path target = path.isEmpty() ? page : page.resolveSibling(decoded(path)).normalize();
    if (target.startsWith(folder) && skipped.test(folder.relativize(target).toString())) {
      return;
    }
    count++;
    if (!target.startsWith(folder) || !Files.isRegularFile(target)) {
      broken.add(folder.relativize(page) + ": " + link + " leads to no file");
    } else if (!anchor.isEmpty() && !page(target).ids().contains(anchor)) {
      broken.add(folder.relativize(page) + ": " + link + " leads to no anchor of that name");
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
