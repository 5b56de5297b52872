package dev.unfold.serve.completion;

import java.util.List;

/// Passes text on up to the first of some texts, and holds back what may be the beginning of one.
///
/// **Threads**: one at a time.
final class StopSearch {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean isOver;

  StopSearch(List<String> stops) {
    this.stops = stops;
  }

  /// What of the text so far can be told, and was not; `piece` comes next.
  String next(String piece) {
    if (isOver) {
      return "";
    }
    held.append(piece);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      first = at >= 0 && (first < 0 || at < first) ? at : first;
    }
    if (first >= 0) {
      isOver = true;
      return take(first);
    }
    return take(held.length() - begun());
  }

  /// How many characters at the end may be the beginning of a stop.
  private int begun() {
    int most = 0;
    for (String stop : stops) {
      int longest = Math.min(stop.length() - 1, held.length());
      for (int count = longest; count > most; count--) {
        if (held.indexOf(stop.substring(0, count), held.length() - count) >= 0) {
          most = count;
        }
      }
    }
    return most;
  }

  /// What is left when no more comes.
  String end() {
    return isOver ? "" : take(held.length());
  }

  private String take(int count) {
    String text = held.substring(0, count);
    held.delete(0, count);
    return text;
  }

  /// Whether a stop has come.
  boolean isOver() {
    return isOver;
  }
}
