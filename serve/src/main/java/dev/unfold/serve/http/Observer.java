package dev.unfold.serve.http;

import java.util.Optional;

/// Is told of each request when it is over.
///
/// **Threads**: any number at once.
@FunctionalInterface
public interface Observer {
  /// A request is over.
  ///
  /// @param route that answered it
  /// @param exchange what was asked and answered
  /// @param nanos that it took
  /// @param problem what was told instead of an answer
  /// @param thrown what nobody foresaw, or that the client left
  void over(
      Route route,
      Exchange exchange,
      long nanos,
      Optional<Problem> problem,
      Optional<Throwable> thrown);

  /// Tells several.
  static Observer all(Observer... observers) {
    return (route, exchange, nanos, problem, thrown) -> {
      for (Observer observer : observers) {
        observer.over(route, exchange, nanos, problem, thrown);
      }
    };
  }
}
