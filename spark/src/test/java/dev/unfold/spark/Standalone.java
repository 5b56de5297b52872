package dev.unfold.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;

/// A cluster of Spark's own: a master and workers, each a process of its own on the loopback.
final class Standalone implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Path folder;
  private final Path home;
  private final int port;
  private final List<Process> all = new ArrayList<>();

  private Standalone(Path folder, Path home, int port) {
    this.folder = folder;
    this.home = home;
    this.port = port;
  }

  /// A master without workers, which listens.
  ///
  /// @param folder for what it leaves
  static Standalone start(Path folder) throws Exception {
    Standalone cluster =
        new Standalone(Files.createDirectories(folder), ClusterProcess.home(folder), freePort());
    cluster.run(
        "master",
        "org.apache.spark.deploy.master.Master",
        "--host",
        HOST,
        "--port",
        Integer.toString(cluster.port),
        "--webui-port",
        "0");
    while (!cluster.listens()) {
      if (!cluster.all.getFirst().isAlive()) {
        throw new IllegalStateException(Files.readString(folder.resolve("master.log")));
      }
      Thread.sleep(50);
    }
    return cluster;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Adds a worker of one core.
  void addWorker() throws IOException {
    String name = "worker-" + all.size();
    run(
        name,
        "org.apache.spark.deploy.worker.Worker",
        "--host",
        HOST,
        "--cores",
        "1",
        "--memory",
        "1g",
        "--webui-port",
        "0",
        "--work-dir",
        folder.resolve(name).toString(),
        master());
  }

  /// `spark://HOST:PORT`
  String master() {
    return "spark://" + HOST + ":" + port;
  }

  /// What Spark takes for an installation.
  Path home() {
    return home;
  }

  private void run(String name, String... line) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx256m", "-cp", home.resolve("jars") + "/*"));
    command.addAll(Arrays.asList(line));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    ClusterProcess.environment(builder, home, folder);
    all.add(builder.start());
  }

  @Override
  public void close() {
    for (Process each : all.reversed()) {
      List<ProcessHandle> executors = each.descendants().toList();
      each.destroyForcibly();
      executors.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
