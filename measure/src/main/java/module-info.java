/// Timing a layer, for who compares.
module dev.unfold.measure {
  requires transitive dev.unfold.core;
  requires jdk.management;

  exports dev.unfold.measure;
}
