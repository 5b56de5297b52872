package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import java.util.Optional;
import java.util.OptionalInt;

/// How a model is written.
///
/// @param states whether states come in and go out
/// @param opset the version of the operators, for ONNX; empty for the usual one
/// @param server which server's configuration is written beside the file
public record ExportOptions(States states, OptionalInt opset, Optional<Server> server) {
  /// Where a sequence begins.
  public enum States {
    /// Each state is an input, and what it is after the last step an output: a sequence can go on.
    IO,
    /// All sequences begin at zero.
    NONE
  }

  /// A server of models that wants a file of its own.
  public enum Server {
    /// Triton: `config.pbtxt`.
    TRITON
  }

  /// Checks that they are given.
  public ExportOptions {
    Expect.given("states", states);
    Expect.given("opset", opset);
    Expect.given("server", server);
  }

  /// States in and out, the usual operators, no server.
  public static ExportOptions defaults() {
    return new ExportOptions(States.IO, OptionalInt.empty(), Optional.empty());
  }
}
