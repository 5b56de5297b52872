/// Text as sequences of tokens, sequences of sets, labelled sequences, and tables.
module dev.unfold.data {
  requires de.siegmar.fastcsv;
  requires dev.unfold.kernels;
  requires tools.jackson.core;

  exports dev.unfold.data.label;
  exports dev.unfold.data.profile;
  exports dev.unfold.data.series;
  exports dev.unfold.data.sets;
  exports dev.unfold.data.source;
  exports dev.unfold.data.table;
  exports dev.unfold.data.text;
}
