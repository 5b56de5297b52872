package dev.unfold.bench.serve;

import dev.unfold.serve.http.Gate;
import dev.unfold.serve.http.HttpServer;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.http.Observer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Serves a model by ONNX Runtime until its process is ended.
final class OnnxServer {
  private OnnxServer() {}

  /// Runs until it is ended.
  ///
  /// @param args the model's file and V
  public static void main(String[] args) throws Exception {
    OnnxSessions sessions = new OnnxSessions(args[0], Integer.parseInt(args[1]));
    Limits limits = Limits.defaults();
    Listening where = new Listening("127.0.0.1", 0, limits, Optional.empty(), Optional.empty());
    try (HttpServer server =
        HttpServer.start(where, new Gate(where), Observer.all(), List.of(sessions))) {
      System.out.println("http://127.0.0.1:" + server.port());
      new CountDownLatch(1).await();
    }
  }
}
