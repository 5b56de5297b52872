package dev.unfold.kernels;

import java.util.Optional;

/// Offers a backend. Providers are found by [java.util.ServiceLoader]; [Backends] chooses among them.
///
/// A provider must be loadable wherever the library runs: it names no class that may be absent before
/// [#refusal] has said that the backend can run.
public interface KernelsProvider {
  /// The backend's name.
  String name();

  /// The higher of two that can run is chosen; the scalar backend has 0.
  int priority();

  /// Why the backend can't run here with this precision, and what would help; empty if it can.
  Optional<String> refusal(Precision precision);

  /// The backend. Called only if [#refusal] is empty.
  Kernels create(Precision precision);
}
