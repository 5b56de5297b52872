package dev.unfold.site;

/// Text as HTML.
final class Html {
  private Html() {}

  /// The text as content, or as the value of an attribute in quotes.
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /// The text that an attribute stands for.
  static String unescaped(String attribute) {
    return attribute
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  /// The text as code.
  static String code(String text) {
    return "<code>" + escaped(text) + "</code>";
  }

  /// A link to an address that is written as it is.
  static String link(String address, String content) {
    return "<a href=\"" + escaped(address) + "\">" + content + "</a>";
  }

  /// A block that scrolls by itself where it is wider than the page; what can be scrolled can be reached by keyboard.
  static String scrolling(String content) {
    return "<div class=\"scroll\" tabindex=\"0\">" + content + "</div>";
  }
}
