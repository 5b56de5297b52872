package dev.unfold.measure.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// People who ask at the same time, each on a connection of their own, until the time is up.
///
/// @param all one for each connection
public record Users(List<User> all) {
  /// One of them.
  public interface User {
    /// Asks until `System.nanoTime()` is `end`, and counts.
    Counts ask(long end) throws IOException;
  }

  /// What was counted.
  ///
  /// @param latencies of the answers
  /// @param answers that were as expected
  /// @param tokens that came with them, if they were texts
  /// @param errors other answers
  /// @param firstError what the first of these was; empty for none
  public record Counts(
      Latencies latencies, long answers, long tokens, long errors, String firstError) {}

  /// Lets all ask.
  ///
  /// @return the sums
  public Counts ask(double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    Latencies latencies = new Latencies();
    long answers = 0;
    long tokens = 0;
    long errors = 0;
    String first = "";
    List<Future<Counts>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      all.forEach(user -> running.add(threads.submit(() -> user.ask(end))));
      for (Future<Counts> each : running) {
        Counts own = each.get();
        latencies.add(own.latencies());
        answers += own.answers();
        tokens += own.tokens();
        errors += own.errors();
        first = first.isEmpty() ? own.firstError() : first;
      }
    } catch (ExecutionException e) {
      throw new IOException("expected answers of the server, got " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return new Counts(latencies, answers, tokens, errors, first);
  }
}
