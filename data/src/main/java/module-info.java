/// Text as sequences of tokens, sequences of sets, labelled sequences, and tables.
@SuppressWarnings("requires-automatic")
module dev.unfold.data {
  requires de.siegmar.fastcsv;
  // Without it tables are read but for Parquet: a module without a descriptor can be in no image.
  requires static dev.hardwood.core;
  requires dev.unfold.kernels;
  requires java.logging;
  requires tools.jackson.core;

  uses dev.unfold.data.table.QueryRunner;

  exports dev.unfold.data.label;
  exports dev.unfold.data.profile;
  exports dev.unfold.data.series;
  exports dev.unfold.data.sets;
  exports dev.unfold.data.source;
  exports dev.unfold.data.table;
  exports dev.unfold.data.text;
}
