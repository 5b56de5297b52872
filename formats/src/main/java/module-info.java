/// Model files, readable without Unfold.
module dev.unfold.formats {
  requires transitive dev.unfold.core;
  requires tools.jackson.databind;

  exports dev.unfold.formats.model;
  exports dev.unfold.formats.safetensors;
}
