package dev.unfold.serve.http;

/// A path of WebSocket.
///
/// @param path with the name of one variable, `/v1/sessions/{id}/stream`
/// @param opener begins to talk
public record SocketRoute(String path, Talk.Opener opener) {
  /// What stands in place of the variable.
  String variable(String asked) {
    int begin = path.indexOf('{');
    int end = path.length() - path.indexOf('}') - 1;
    return asked.substring(begin, asked.length() - end);
  }
}
