package dev.unfold.site;

import java.util.ArrayList;
import java.util.List;

/// What is wrong with the sources of the site, a line each.
final class Faults {
  private final List<String> lines = new ArrayList<>();

  /// Adds what is wrong at a place.
  void add(String place, String what) {
    lines.add(place + ": " + what);
  }

  /// All of them, in the order in which they were found.
  List<String> lines() {
    return List.copyOf(lines);
  }
}
