package dev.unfold.site;

import java.util.List;

/// A page before it stands in the frame of the site.
///
/// @param address its file, relative to the site's folder
/// @param language such as `en`
/// @param title what it is called, without markup
/// @param body its content as HTML, with its title
/// @param headings the places in it, in order
record Page(String address, String language, String title, String body, List<Heading> headings) {
  /// Copies the list.
  Page {
    headings = List.copyOf(headings);
  }

  /// The address of another page or file of the site, as a link on this page.
  String to(String other) {
    return Addresses.relative(address, other);
  }
}
