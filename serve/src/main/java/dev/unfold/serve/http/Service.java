package dev.unfold.serve.http;

/// A part of what the server answers.
@FunctionalInterface
public interface Service {
  /// Adds its routes.
  void routes(Routes routes);
}
