package dev.unfold.serve.http;

/// One side of a WebSocket: answers each text with a text.
@FunctionalInterface
public interface Talk {
  /// The answer to what came.
  ///
  /// @param message is told of what it was answered by
  ///
  /// @throws Exception what is told as [Problems] says, in place of an answer; the socket stays open
  String answer(String text, Message message) throws Exception;

  /// Begins to talk.
  @FunctionalInterface
  interface Opener {
    /// Begins to talk about what stands in the path.
    ///
    /// @throws Exception what is told as [Problems] says, and there is no socket
    Talk open(String variable) throws Exception;
  }
}
