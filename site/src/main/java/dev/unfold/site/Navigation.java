package dev.unfold.site;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The order of all pages: groups of entries, some of which have more below them.
///
/// @param groups from top to bottom
record Navigation(List<Group> groups) {
  /// Entries under one title.
  record Group(String title, List<Entry> entries) {
    /// Copies the list.
    Group {
      entries = List.copyOf(entries);
    }
  }

  /// A page, and those below it.
  ///
  /// @param address its file, relative to the site's folder
  record Entry(String title, String address, List<Entry> below) {
    /// Copies the list.
    Entry {
      below = List.copyOf(below);
    }

    /// Whether the page at `other` is this one or below it.
    boolean covers(String other) {
      return address.equals(other) || below.stream().anyMatch(entry -> entry.covers(other));
    }

    private Stream<Entry> all() {
      return Stream.concat(Stream.of(this), below.stream().flatMap(Entry::all));
    }
  }

  /// Copies the list.
  Navigation {
    groups = List.copyOf(groups);
  }

  /// All entries in the order in which they can be read.
  List<Entry> entries() {
    return groups.stream().flatMap(group -> group.entries().stream()).flatMap(Entry::all).toList();
  }

  /// A line of the plan of the site: a title, and the file or the folder that it stands for.
  record Line(String title, String target) {}

  /// What makes an entry of a line.
  interface Maker {
    /// The entry for `line`, with what is below it; nothing if there is no such page.
    Optional<Entry> entry(Line line);
  }

  /// Reads a plan: titles of groups, and below each, indented, lines `title = target`.
  static Navigation read(String plan, Maker maker) {
    List<Group> groups = new ArrayList<>();
    for (String text : plan.lines().filter(line -> !line.isBlank()).toList()) {
      if (!text.startsWith(" ")) {
        groups.add(new Group(text.strip(), List.of()));
        continue;
      }
      String[] parts = text.strip().split(" = ", 2);
      Group group = groups.removeLast();
      List<Entry> entries = new ArrayList<>(group.entries());
      maker.entry(new Line(parts[0], parts[1])).ifPresent(entries::add);
      groups.add(new Group(group.title(), entries));
    }
    return new Navigation(groups);
  }
}
