package dev.unfold.site;

/// A place in a page that can be linked to.
///
/// @param level 2 for sections; those of 3 and below are only searched
/// @param id its anchor
/// @param text what it says, without markup
record Heading(int level, String id, String text) {}
