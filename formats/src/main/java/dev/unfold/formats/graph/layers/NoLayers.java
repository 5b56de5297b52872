package dev.unfold.formats.graph.layers;

/// Why a graph is no network of layers known here.
final class NoLayers extends Exception {
  private static final long serialVersionUID = 1;

  NoLayers(String reason) {
    super(reason);
  }
}
