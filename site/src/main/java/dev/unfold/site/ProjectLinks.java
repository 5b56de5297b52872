package dev.unfold.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Links between files of the project as links between pages. A file that is no page and no picture has no place on the
/// site: its link becomes text.
final class ProjectLinks {
  private final Path root;
  private final Map<String, String> documents;
  private final ApiPages api;
  private final Faults faults;
  private final Map<String, Path> pictures = new TreeMap<>();

  /// @param root the project's folder
  /// @param documents the files that become pages, relative to it, with their titles
  ProjectLinks(Path root, Map<String, String> documents, ApiPages api, Faults faults) {
    this.root = root;
    this.documents = documents;
    this.api = api;
    this.faults = faults;
  }

  /// The links of one document.
  Links of(String document) {
    return destination -> link(document, destination);
  }

  /// The pictures that links led to, by their addresses on the site.
  Map<String, Path> pictures() {
    return Map.copyOf(pictures);
  }

  private Optional<Links.Place> link(String document, String destination) {
    if (destination.startsWith("#") || destination.matches("[a-z]+:.*")) {
      return Links.AS_WRITTEN.link(destination);
    }
    int mark = destination.indexOf('#');
    String path = mark < 0 ? destination : destination.substring(0, mark);
    String anchor = mark < 0 ? "" : destination.substring(mark);
    Path file = root.resolve(document).resolveSibling(path).normalize();
    if (!Files.exists(file)) {
      faults.add(document, "no file " + path);
      return Optional.empty();
    }
    String name = root.relativize(file).toString();
    return address(document, name, file)
        .map(address -> Addresses.relative(Addresses.ofDocument(document), address) + anchor)
        .map(address -> new Links.Place(address, documents.getOrDefault(name, "")));
  }

  private Optional<String> address(String document, String name, Path file) {
    if (name.endsWith(".md")) {
      if (!documents.containsKey(name)) {
        faults.add(document, "leads to " + name + ", which is no page of the site");
        return Optional.empty();
      }
      return Optional.of(Addresses.ofDocument(name));
    }
    if (name.endsWith(".java")) {
      return api.ofSource(file);
    }
    if (name.matches(".*\\.(png|svg|jpg)")) {
      String address = name.replaceFirst("^docs/", "");
      pictures.put(address, file);
      return Optional.of(address);
    }
    return Optional.empty();
  }
}
