package dev.unfold.run.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A page for a browser that needs nothing else: a script that draws, and the numbers that it draws.
public final class HtmlPage {
  /// How such a file starts, and no page of others.
  public static final String START = "<!DOCTYPE html>\n<!-- Unfold -->";

  private static final String TITLE = "{TITLE}";

  private HtmlPage() {}

  /// The page.
  ///
  /// @param title in plain words
  /// @param scripts what draws, after the functions that all pages share
  /// @param data as the script reads it
  public static String of(String title, List<String> scripts, JsonNode data) {
    List<String> all = new ArrayList<>(List.of(text(HtmlPage.class, "page.js")));
    all.addAll(scripts);
    // Texts of strangers may hold what would end the script.
    String json = data.toString().replace("<", "\\u003c");
    return text(HtmlPage.class, "page.html")
        .replace(TITLE, title)
        .replace("{STYLE}", text(HtmlPage.class, "page.css"))
        .replace("{SCRIPT}", String.join("\n", all))
        .replace("{DATA}", json);
  }

  /// A resource beside a class.
  ///
  /// @param owner the class
  public static String text(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
