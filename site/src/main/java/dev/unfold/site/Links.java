package dev.unfold.site;

import java.util.Optional;

/// What becomes of the links of a document.
interface Links {
  /// Leaves links as they are.
  Links AS_WRITTEN = destination -> Optional.of(new Place(destination, ""));

  /// A place that a link leads to.
  ///
  /// @param address as it stands in the link
  /// @param title what a page there is called, or nothing
  record Place(String address, String title) {}

  /// Where a link to `destination` leads, or nothing if that is no place of the site.
  Optional<Place> link(String destination);
}
