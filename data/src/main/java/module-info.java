/// Text as sequences of tokens, and sequences of sets.
module dev.unfold.data {
  requires dev.unfold.kernels;

  exports dev.unfold.data.sets;
  exports dev.unfold.data.source;
  exports dev.unfold.data.text;
}
