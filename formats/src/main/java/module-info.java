/// Models, hidden states and checkpoints as files.
module dev.unfold.formats {
  requires transitive dev.unfold.core;
  requires tools.jackson.core;
  requires tools.jackson.databind;

  exports dev.unfold.formats;
}
