/// Text as sequences of tokens.
module dev.unfold.data {
  exports dev.unfold.data;
}
