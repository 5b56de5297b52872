package dev.unfold.run.learn;

/// Is told what learning does, by the thread that learns. It must not throw: what a segment was to teach would be lost.
public interface LearnListener {
  /// Listens to nothing.
  LearnListener NONE = new LearnListener() {};

  /// A segment was read.
  default void scored(Scored scored) {}

  /// Something else is served, or learns.
  default void decided(Decision decision) {}

  /// Something failed, such as writing a file; what is served has not changed.
  default void failed(RuntimeException failure) {}
}
