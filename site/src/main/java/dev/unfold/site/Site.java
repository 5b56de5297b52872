package dev.unfold.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes the whole site from the project's folder.
final class Site {
  private static final List<String> FILES = List.of("site.css", "search.js", "icon.svg");

  private final Path root;
  private final Faults faults = new Faults();
  private final Documents documents;
  private final List<Page> cells;
  private final CommandPages commands;
  private final Navigation navigation;

  /// @param root the project's folder
  /// @param plan what stands in the navigation
  Site(Path root, String plan) throws IOException {
    this.root = root;
    documents = new Documents(root, faults);
    cells = new CellPages(root).pages();
    commands = new CommandPages(dev.unfold.cli.Main.commandLine());
    navigation = Navigation.read(plan, this::entry);
    documents.findForgotten();
  }

  /// The plan of the project's own site.
  static String plan() throws IOException {
    return resource("navigation.txt");
  }

  private Optional<Navigation.Entry> entry(Navigation.Line line) {
    String title = line.title();
    return switch (line.target()) {
      case CellPages.FOLDER ->
          Optional.of(new Navigation.Entry(title, cells.getFirst().address(), below(cells)));
      case CommandPages.FOLDER -> Optional.of(commands.entry(title));
      case ApiPages.FOLDER ->
          Optional.of(new Navigation.Entry(title, ApiPages.FOLDER + "index.html", List.of()));
      default -> documents.entry(line);
    };
  }

  private static List<Navigation.Entry> below(List<Page> pages) {
    return pages.stream()
        .skip(1)
        .map(page -> new Navigation.Entry(page.title(), page.address(), List.of()))
        .toList();
  }

  /// Writes all of it into `folder`, where the Javadoc may be already; what else is there is removed.
  ///
  /// @return what is wrong with it, a line each
  List<String> write(Path folder, String version) throws IOException {
    clear(folder);
    ProjectLinks links = new ProjectLinks(root, documents.titles(), new ApiPages(folder), faults);
    List<Page> pages = new ArrayList<>(documents.pages(links));
    pages.addAll(cells);
    pages.addAll(commands.pages());

    Set<String> addresses = pages.stream().map(Page::address).collect(Collectors.toSet());
    Frame frame = new Frame(resource("page.html"), navigation, addresses, version);
    for (Page page : pages) {
      put(folder.resolve(page.address()), frame.around(page));
    }
    put(folder.resolve("places.js"), SearchIndex.of(pages));
    for (String name : FILES) {
      put(folder.resolve(name), resource(name));
    }
    for (Map.Entry<String, Path> picture : links.pictures().entrySet()) {
      Path target = folder.resolve(picture.getKey());
      Files.createDirectories(target.getParent());
      Files.copy(picture.getValue(), target);
    }
    return faults.lines();
  }

  private static void clear(Path folder) throws IOException {
    Path api = folder.resolve(ApiPages.FOLDER);
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        boolean holdsApi = api.startsWith(file) && Files.exists(api);
        if (!file.startsWith(api) && !holdsApi) {
          Files.delete(file);
        }
      }
    }
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Site.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("resource " + name + ": not found");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// The files of the documents, relative to the project's folder.
  Set<String> documents() {
    return documents.titles().keySet();
  }
}
