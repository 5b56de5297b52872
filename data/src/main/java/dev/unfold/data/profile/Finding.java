package dev.unfold.data.profile;

import dev.unfold.data.table.Place;
import java.util.Optional;

/// One thing that could go wrong.
///
/// @param subject the column or the series that it is about, or what it is about
/// @param text in a sentence's part
/// @param place where it is seen first, if it is somewhere
public record Finding(String subject, String text, Optional<Place> place) {
  static Finding of(String subject, String text) {
    return new Finding(subject, text, Optional.empty());
  }

  static Finding at(Place place, String subject, String text) {
    return new Finding(subject, text, Optional.of(place));
  }
}
