package dev.unfold.site;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;

/// What commands say of themselves, as HTML: names of options are code, names of commands lead to their pages.
final class CommandText {
  private final Map<String, String> pages;
  private final Pattern names;

  /// @param pages the files of commands by their whole names, all in the folder of the text
  CommandText(Map<String, String> pages) {
    this.pages = Map.copyOf(pages);
    String commands =
        pages.keySet().stream()
            .filter(name -> name.contains(" "))
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    String option = "(?<![\\w-])--[a-z][a-z-]*";
    names = Pattern.compile("(?<command>\\b(?:" + commands + ")\\b)|(?<option>" + option + ")");
  }

  /// Paragraphs, and lines that are indented as they are.
  String html(String[] description) {
    StringBuilder html = new StringBuilder();
    List<String> open = new ArrayList<>();
    Stream.concat(lines(description), Stream.of(""))
        .forEach(line -> {
          boolean changes =
              !open.isEmpty() && open.getLast().startsWith(" ") != line.startsWith(" ");
          if (line.isBlank() || changes) {
            html.append(block(open));
            open.clear();
          }
          if (!line.isBlank()) {
            open.add(line);
          }
        });
    return html.toString();
  }

  private String block(List<String> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    return lines.getFirst().startsWith(" ")
        ? "<pre tabindex=\"0\"><code>%s%n</code></pre>%n"
            .formatted(Html.escaped(String.join("\n", lines).stripIndent()))
        : "<p>%s</p>%n".formatted(paragraph(String.join(" ", lines)));
  }

  private String paragraph(String text) {
    return names
        .matcher(Html.escaped(text))
        .replaceAll(match -> Matcher.quoteReplacement(marked(match.group())));
  }

  private String marked(String name) {
    String code = "<code class=\"short\">" + name + "</code>";
    return pages.containsKey(name) ? Html.link(pages.get(name), code) : code;
  }

  /// The lines of a description.
  static Stream<String> lines(String[] description) {
    return Arrays.stream(description).flatMap(line -> Stream.of(plain(line).split("\n", -1)));
  }

  /// Descriptions are formats, as picocli has it.
  static String plain(String description) {
    return Ansi.OFF.string(description.replace("%n", "\n").replace("%%", "%"));
  }
}
