package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.model.ModelFile;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.measure.load.ServerProcess;
import dev.unfold.model.Network;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A process that is killed under load, again and again: no step whose answer was sent is lost, and what comes after is
/// what would have come without.
final class KillTest {
  private static final long SEED = 20261130L;
  private static final int SESSIONS = 8;

  @TempDir private Path folder;

  /// A session as its user knows it.
  private static final class Known {
    final String id;
    final SplittableRandom random;
    final List<Integer> tokens = new ArrayList<>();

    /// Steps whose answer came.
    volatile int answered;

    JsonNode said;

    Known(String id, long seed) {
      this.id = id;
      random = new SplittableRandom(seed);
    }

    /// The token of the next step.
    int token(int vocabulary) {
      while (tokens.size() <= answered) {
        tokens.add(random.nextInt(vocabulary));
      }
      return tokens.get(answered);
    }
  }

  @Test
  void server_killedUnderLoad_losesNoStepThatWasAnswered() throws Exception {
    kill(2, 100);
  }

  @Test
  @Tag("slow")
  void server_killedAHundredTimesUnderLoad_losesNoStepThatWasAnswered() throws Exception {
    kill(100, 600);
  }

  private void kill(int times, int mostMillis) throws Exception {
    Path model = Fixtures.text(folder, "poem", SEED);
    Network network = ModelFile.loadNetwork(model, Fixtures.KERNELS);
    int vocabulary = network.spec().outputs();
    String store = folder.resolve("store").toString();
    List<Known> sessions = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int s = 0; s < SESSIONS; s++) {
      sessions.add(new Known("user-" + s, SEED + s));
    }
    long unknown = 0;
    for (int kill = 0; kill <= times; kill++) {
      try (ServerProcess server =
              ServingProcess.start(model.toString(), "--store", store, "--resident", "4");
          HttpClient client = HttpClient.newHttpClient()) {
        for (Known session : sessions) {
          unknown += find(client, server, session, kill);
        }
        if (kill < times) {
          load(client, server, sessions, vocabulary, 50 + random.nextInt(mostMillis));
        }
      }
    }
    assertTrue(sessions.stream().allMatch(session -> session.answered > 0), "all were stepped");
    for (Known session : sessions) {
      int[] tokens =
          session.tokens.stream().limit(session.answered).mapToInt(Integer::intValue).toArray();
      Matrix outputs =
          new Runner(network).run(new Inputs.Tokens(tokens, 0), network.zeroState(1)).outputs();
      double[] expected = network.spec().head().prediction(outputs, tokens.length - 1);
      for (int k = 0; session.said != null && k < vocabulary; k++) {
        assertEquals(
            (float) expected[k],
            session.said.get("outputs").get(0).get(k).floatValue(),
            "seed %d, session %s".formatted(SEED, session.id));
      }
    }
    System.out.printf(
        "KillTest: %d kills, %d steps answered, %d done whose answer did not come%n",
        times, answered(sessions), unknown);
  }

  private static long answered(List<Known> sessions) {
    return sessions.stream().mapToLong(session -> session.answered).sum();
  }

  /// Opens a session, or finds it where its user left it, or one step further if the answer got lost.
  ///
  /// @return how many steps further
  private static long find(HttpClient client, ServerProcess server, Known session, int kill)
      throws Exception {
    if (kill == 0) {
      HttpResponse<String> opened =
          post(client, server, "/v1/sessions", "{\"id\":\"%s\"}".formatted(session.id));
      assertEquals(201, opened.statusCode(), opened.body());
      return 0;
    }
    HttpRequest request = HttpRequest.newBuilder(server.uri("/v1/sessions/" + session.id)).build();
    HttpResponse<String> found = client.send(request, BodyHandlers.ofString());
    assertEquals(200, found.statusCode(), found.body());
    int step = Running.json(found).get("step").asInt();
    assertTrue(
        step == session.answered || step == session.answered + 1,
        () ->
            "seed %d, kill %d, session %s: %d steps were answered, the server is at %d"
                .formatted(SEED, kill, session.id, session.answered, step));
    int further = step - session.answered;
    if (further > 0) {
      session.said = null;
    }
    session.answered = step;
    return further;
  }

  private static void load(
      HttpClient client, ServerProcess server, List<Known> sessions, int vocabulary, int millis)
      throws Exception {
    long before = answered(sessions);
    try (ExecutorService users = Executors.newFixedThreadPool(sessions.size())) {
      List<Future<?>> all = new ArrayList<>();
      for (Known session : sessions) {
        all.add(users.submit(() -> step(client, server, session, vocabulary)));
      }
      // From the first answers on.
      while (answered(sessions) < before + sessions.size()) {
        Thread.sleep(1);
      }
      Thread.sleep(millis);
      server.kill();
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  /// Steps until the server is gone.
  private static void step(HttpClient client, ServerProcess server, Known session, int vocabulary) {
    String path = "/v1/sessions/" + session.id + "/step";
    while (true) {
      String body =
          "{\"tokens\":[%d],\"expect_step\":%d}"
              .formatted(session.token(vocabulary), session.answered);
      HttpResponse<String> answer;
      try {
        answer = post(client, server, path, body);
      } catch (IOException e) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      assertEquals(200, answer.statusCode(), answer.body());
      session.said = Running.json(answer);
      // Only this thread counts this session.
      int answered = session.answered;
      session.answered = answered + 1;
      assertEquals(session.answered, session.said.get("step").asInt());
    }
  }

  private static HttpResponse<String> post(
      HttpClient client, ServerProcess server, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.uri(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }
}
