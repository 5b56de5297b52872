/// Timing a layer or a server, for who compares.
module dev.unfold.measure {
  requires transitive dev.unfold.core;
  requires jdk.management;
  requires tools.jackson.databind;

  exports dev.unfold.measure;
  exports dev.unfold.measure.load;
}
