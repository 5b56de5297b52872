package dev.unfold.model;

/// Who waits for gradients while the error still goes back: those of the readouts come first, then the layers' from the
/// last one down.
///
/// **Threads**: it is told by the one that asked for the gradients.
@FunctionalInterface
public interface GradientListener {
  /// Nobody waits.
  GradientListener NOBODY = from -> {};

  /// Nothing more is added by this pass to the numbers at `from` and after in the gradients' buffer. It may be said
  /// several times, of smaller and smaller places; the end of the pass says it of all.
  void finalFrom(long from);
}
