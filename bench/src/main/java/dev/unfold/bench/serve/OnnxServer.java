package dev.unfold.bench.serve;

import dev.unfold.serve.http.HttpServer;
import dev.unfold.serve.http.Limits;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Serves a model by ONNX Runtime until its process is ended.
final class OnnxServer {
  private OnnxServer() {}

  /// @param args the model's file and V
  public static void main(String[] args) throws Exception {
    OnnxSessions sessions = new OnnxSessions(args[0], Integer.parseInt(args[1]));
    try (HttpServer server =
        HttpServer.start("127.0.0.1", 0, Limits.defaults(), List.of(sessions))) {
      System.out.println("http://127.0.0.1:" + server.port());
      new CountDownLatch(1).await();
    }
  }
}
