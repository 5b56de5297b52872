package dev.unfold.site;

/// What the frame of a page says, in the language of the page.
///
/// @param tag of the language, for browsers
record Wording(
    String tag,
    String skip,
    String menu,
    String search,
    String contents,
    String previous,
    String next) {
  private static final Wording ENGLISH =
      new Wording(
          "en", "Skip to content", "Menu", "Search", "On this page", "Previous page", "Next page");

  private static final Wording CHINESE =
      new Wording("zh-Hans", "跳到正文", "目录", "搜索", "本页内容", "上一页", "下一页");

  /// The wording for a language such as `zh`.
  static Wording of(String language) {
    return language.equals("zh") ? CHINESE : ENGLISH;
  }
}
