package dev.unfold.serve.http;

/// Answers requests.
@FunctionalInterface
public interface Answerer {
  /// Reads what it needs of the request and answers it.
  ///
  /// @throws Exception what is told as [Problems] says, if nothing was sent yet
  void answer(Exchange exchange) throws Exception;
}
