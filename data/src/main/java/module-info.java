/// Text and other sources as sequences.
module dev.unfold.data {
  exports dev.unfold.data;
}
