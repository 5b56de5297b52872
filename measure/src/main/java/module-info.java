/// Timing a layer, for who compares.
module dev.unfold.measure {
  requires transitive dev.unfold.core;

  exports dev.unfold.measure;
}
