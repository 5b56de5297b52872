package dev.unfold.run.ring;

import dev.unfold.run.SharedRuns;
import dev.unfold.train.TrainingEvent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A worker that is a process: says where it listens, is told where all do, and trains.
///
/// Arguments: rank, kind of the run, number of blocks, file of the model, time-out in seconds.
final class WorkerMain {
  private WorkerMain() {}

  @SuppressWarnings("SystemOut")
  public static void main(String... arguments) throws Exception {
    int rank = Integer.parseInt(arguments[0]);
    try (ServerSocketChannel mine = Threads.open()) {
      System.out.println(((InetSocketAddress) mine.getLocalAddress()).getPort());
      List<InetSocketAddress> all = new ArrayList<>();
      BufferedReader told =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String port : told.readLine().split(" ", -1)) {
        all.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
      }
      Duration timeout = Duration.ofSeconds(Integer.parseInt(arguments[4]));
      try (Ring ring = Ring.join(rank, all, mine, Threads.TOKEN, timeout)) {
        SharedRuns.valueOf(arguments[1])
            .of(Integer.parseInt(arguments[2]), Path.of(arguments[3]), ring)
            .train(
                SharedRuns.telling(event -> {
                  if (event instanceof TrainingEvent.Completed completed) {
                    System.out.println("update " + completed.update());
                  }
                }));
      }
    } catch (RuntimeException e) {
      System.out.println("failed: " + e.getMessage());
      System.exit(1);
    }
  }
}
