package dev.unfold.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The Markdown files of the project that become pages: those that the navigation names.
final class Documents {
  private static final Pattern LANGUAGE = Pattern.compile("\\.([a-z]{2})\\.md$");

  private final Path root;
  private final Faults faults;
  private final Map<String, String> titles = new LinkedHashMap<>();

  /// @param root the project's folder
  Documents(Path root, Faults faults) {
    this.root = root;
    this.faults = faults;
  }

  /// Takes up the file of a line of the navigation; below the index of a folder stand the others in it.
  Optional<Navigation.Entry> entry(Navigation.Line line) {
    String file = line.target();
    if (!Files.exists(root.resolve(file))) {
      faults.add("navigation", "no file " + file);
      return Optional.empty();
    }
    titles.put(file, title(file));
    List<Navigation.Entry> below = new ArrayList<>();
    if (file.matches("docs/.*/README\\.md")) {
      String folder = file.replaceFirst("README\\.md$", "");
      for (String name : markdown(folder)) {
        if (!file.equals(folder + name)) {
          entry(new Navigation.Line(title(folder + name), folder + name)).ifPresent(below::add);
        }
      }
    }
    return Optional.of(new Navigation.Entry(line.title(), Addresses.ofDocument(file), below));
  }

  /// Finds the documents that the navigation does not name.
  void findForgotten() {
    for (String name : markdown("docs")) {
      if (!titles.containsKey("docs/" + name)) {
        faults.add("docs/" + name, "is not in the navigation (navigation.txt)");
      }
    }
  }

  /// Their files, relative to the project's folder, with their titles, in the order of the navigation.
  Map<String, String> titles() {
    return titles;
  }

  /// All of them as pages.
  List<Page> pages(ProjectLinks links) {
    return titles.keySet().stream()
        .map(file ->
            Markdown.page(Addresses.ofDocument(file), language(file), read(file), links.of(file)))
        .toList();
  }

  private static String language(String file) {
    Matcher language = LANGUAGE.matcher(file);
    return language.find() ? language.group(1) : "en";
  }

  /// Its first line.
  private String title(String file) {
    return read(file).lines().findFirst().orElse("").replaceFirst("^# ", "");
  }

  private String read(String file) {
    try {
      return Files.readString(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> markdown(String folder) {
    try (Stream<Path> files = Files.list(root.resolve(folder))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".md"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
