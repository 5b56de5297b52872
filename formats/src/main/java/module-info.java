/// Model files, readable without Unfold.
module dev.unfold.formats {
  requires transitive dev.unfold.core;
  requires tools.jackson.databind;

  uses dev.unfold.formats.exchange.ModelFormat;

  provides dev.unfold.formats.exchange.ModelFormat with
      dev.unfold.formats.torch.TorchFormat;

  exports dev.unfold.formats.exchange;
  exports dev.unfold.formats.graph;
  exports dev.unfold.formats.graph.layers;
  exports dev.unfold.formats.model;
  exports dev.unfold.formats.safetensors;
}
