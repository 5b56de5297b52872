/// Text and other sources as sequences.
module dev.unfold.data {
  requires transitive dev.unfold.core;
}
