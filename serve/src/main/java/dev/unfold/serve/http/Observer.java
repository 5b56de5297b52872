package dev.unfold.serve.http;

import java.util.Optional;

/// Is told of each request, and of each message of a WebSocket, when it is over.
///
/// **Threads**: any number at once.
@FunctionalInterface
public interface Observer {
  /// A request is over.
  ///
  /// @param route that answered it
  /// @param answered what was asked and answered
  /// @param nanos that it took
  /// @param problem what was told instead of an answer
  /// @param thrown what nobody foresaw, or that the client left
  void over(
      Route route,
      Answered answered,
      long nanos,
      Optional<Problem> problem,
      Optional<Throwable> thrown);

  /// Tells several.
  static Observer all(Observer... observers) {
    return (route, answered, nanos, problem, thrown) -> {
      for (Observer observer : observers) {
        observer.over(route, answered, nanos, problem, thrown);
      }
    };
  }
}
