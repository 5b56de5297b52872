package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.run.learn.ContestOptions;
import dev.unfold.run.learn.LearnLimits;
import dev.unfold.run.learn.LearnListener;
import dev.unfold.run.learn.LearnOptions;
import dev.unfold.run.learn.OwnOptions;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.model.LearnSettings;
import dev.unfold.train.update.UpdateRule;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/// A server that learns from what its sessions read.
final class LearningTest {
  private static final String TEXT = "abcabcabcabcabcabcab";

  @TempDir private Path folder;

  /// A copy that is soon better.
  static LearnSettings learning() {
    LearnOptions options =
        LearnOptions.defaults()
            .withSegment(10)
            .with(UpdateRule.defaults().withRate(0.02))
            .with(new ContestOptions(200, 0.01, 3, 0.2))
            .with(new LearnLimits(100, 64, 20_000, 1));
    return new LearnSettings(options, OwnOptions.defaults().withSegment(5), LearnListener.NONE);
  }

  private Running learner(Path model) {
    return Running.of(SessionOptions.defaults(), Limits.defaults(), learning(), model);
  }

  private static String open(Running server, String id) throws Exception {
    HttpResponse<String> opened = server.post("/v1/sessions", "{\"id\":\"%s\"}".formatted(id));
    assertEquals(201, opened.statusCode(), opened.body());
    return Running.json(opened).get("version").asString();
  }

  private static JsonNode step(Running server, String id, String body) throws Exception {
    HttpResponse<String> answer = server.post("/v1/sessions/" + id + "/step", body);
    assertEquals(200, answer.statusCode(), answer.body());
    return Running.json(answer);
  }

  /// The untrained model hesitates between 11 tokens; the text has three, always in the same order.
  @Test
  void model_whoseSessionsReadOneText_comesToForeseeIt() throws Exception {
    String first;
    try (Running server = learner(Fixtures.text(folder, "poem", 1))) {
      first = open(server, "a");
      String text = "{\"text\":\"" + TEXT + "\"}";
      JsonNode status = null;
      for (int i = 0; i < 3000 && (status == null || status.get("promotions").asInt() == 0); i++) {
        step(server, "a", text);
        status = Running.json(server.get("/v1/models/poem/learning"));
      }
      assertTrue(status.get("promotions").asInt() > 0, status::toString);
      assertTrue(
          status.get("loss_served").asDouble() <= status.get("loss_without_learning").asDouble(),
          status::toString);
      assertNotEquals(first, agreed(server, "a", text), status::toString);
      assertEquals(
          status.get("original").asString(), first, "what was given is still known: " + status);
      try (Stream<Path> files = Files.list(folder.resolve("poem.learned"))) {
        assertTrue(files.anyMatch(file -> file.toString().endsWith("-promotion.safetensors")));
      }
      String metrics = server.get("/metrics").body();
      assertTrue(metrics.contains("unfold_learn_loss_served{model=\"poem\"} "), metrics);
      assertTrue(metrics.contains("process_resident_memory_bytes "), metrics);
    }
    // What was promoted is served again after a start anew.
    try (Running server = learner(folder.resolve("poem.safetensors"))) {
      assertNotEquals(first, open(server, "b"));
    }
  }

  /// The version that a session runs, which is what the model says: another one may be promoted between both, but not
  /// each time.
  private static String agreed(Running server, String id, String text) throws Exception {
    String run = "";
    for (int i = 0; i < 100; i++) {
      run = step(server, id, text).get("version").asString();
      if (run.equals(Running.json(server.get("/v1/models/poem")).get("version").asString())) {
        return run;
      }
    }
    throw new AssertionError("the model says another version than its session runs, " + run);
  }

  @Test
  void targets_ofRowsThatWereRead_areLearned() throws Exception {
    try (Running server = learner(Fixtures.values(folder, "sensor", 2))) {
      open(server, "a");
      for (int i = 0; i < 5; i++) {
        step(server, "a", "{\"rows\":[[0.1,0.2,0.3],[0.3,0.2,0.1]]}");
      }
      HttpResponse<String> told =
          server.post("/v1/sessions/a/targets", "{\"step\":0,\"rows\":[[1,2],[2,1],[1,2]]}");
      assertEquals(3, Running.json(told).get("labelled").asInt(), told.body());
      for (String bad :
          new String[] {
            "{\"step\":0,\"rows\":[[1,2]]}",
            "{\"step\":9,\"rows\":[[1,2],[1,2]]}",
            "{\"step\":5,\"rows\":[[1]]}",
            "{\"step\":5,\"classes\":[1]}",
            "{\"step\":-1,\"rows\":[[1,2]]}",
            "{\"rows\":[[1,2]]}",
            "{\"step\":5}",
            "[]"
          }) {
        HttpResponse<String> refused = server.post("/v1/sessions/a/targets", bad);
        assertEquals(400, refused.statusCode(), bad + ": " + refused.body());
      }
      told = server.post("/v1/sessions/a/targets", "{\"step\":3,\"rows\":[[1,2]]}");
      assertEquals(1, Running.json(told).get("labelled").asInt(), told.body());
    }
  }

  /// How many steps were learned from so far, once all that was read has been.
  private static int labelled(Running server) throws Exception {
    JsonNode status = Running.json(server.get("/v1/models/poem/learning"));
    while (status.get("queued").asInt() > 0) {
      Thread.sleep(1);
      status = Running.json(server.get("/v1/models/poem/learning"));
    }
    return status.get("labelled").asInt();
  }

  /// A state that somebody brought is not that of a beginning, whatever step it is said to be at: the first segment
  /// from there moves the states of those who learn alone.
  @Test
  void state_putAtStepZero_isNoBeginningToLearnFrom() throws Exception {
    try (Running server = learner(Fixtures.text(folder, "poem", 1))) {
      String text = "{\"text\":\"" + TEXT.repeat(3) + "\"}";
      open(server, "fresh");
      step(server, "fresh", text);
      int fresh = labelled(server);
      assertEquals(50, fresh, "the whole segments of 59 tokens that another one follows");
      byte[] state =
          server
              .client
              .send(
                  HttpRequest.newBuilder(server.uri("/v1/sessions/fresh/state")).build(),
                  HttpResponse.BodyHandlers.ofByteArray())
              .body();
      open(server, "brought");
      HttpRequest put =
          HttpRequest.newBuilder(server.uri("/v1/sessions/brought/state?step=0"))
              .header("Content-Type", "application/octet-stream")
              .PUT(HttpRequest.BodyPublishers.ofByteArray(state))
              .build();
      assertEquals(204, server.client.send(put, HttpResponse.BodyHandlers.ofString()).statusCode());
      assertEquals(3 * TEXT.length(), step(server, "brought", text).get("step").asInt());
      int brought = labelled(server) - fresh;
      assertEquals(fresh - 10, brought, "a segment of 10 is not learned from");
    }
  }

  /// What the model wrote goes into the session, and is no lesson.
  @Test
  void completion_ofASession_teachesNothingThatItWrote() throws Exception {
    try (Running server = learner(Fixtures.text(folder, "poem", 1))) {
      open(server, "a");
      HttpResponse<String> written =
          server.post(
              "/v1/completions",
              "{\"session\":\"a\",\"prompt\":\"%s\",\"max_tokens\":200,\"seed\":1}"
                  .formatted(TEXT));
      assertEquals(200, written.statusCode(), written.body());
      int ofPrompt = labelled(server);
      assertEquals(TEXT.length() - 1, ofPrompt);
      assertEquals(
          2 * TEXT.length() + 200,
          step(server, "a", "{\"text\":\"" + TEXT + "\"}").get("step").asInt());
      int after = labelled(server) - ofPrompt;
      assertTrue(after > 0 && after <= TEXT.length(), () -> after + " of what its user gave");
    }
  }

  /// As the client has named it, not as who learns does.
  @Test
  void targets_thatCannotBeUsed_areNamedAsTheyCame() throws Exception {
    try (Running server = learner(Fixtures.values(folder, "sensor", 2))) {
      open(server, "a");
      step(server, "a", "{\"rows\":[[0.1,0.2,0.3],[0.3,0.2,0.1]]}");
      Map<String, String> all =
          Map.of(
              "{\"step\":0,\"classes\":[1]}", "classes",
              "{\"step\":0,\"classes\":[\"x\"]}", "classes",
              "{\"step\":0,\"rows\":[[1,2,3]]}", "rows",
              "{\"step\":100000000000000000000,\"rows\":[[1,2]]}", "step",
              "{\"step\":0,\"rows\":[[1,2]],\"classes\":[1]}", "body",
              "{\"step\":0,\"rows\":[[1,2]]} {}", "body");
      for (Map.Entry<String, String> each : all.entrySet()) {
        HttpResponse<String> refused = server.post("/v1/sessions/a/targets", each.getKey());
        assertEquals(400, refused.statusCode(), refused.body());
        assertEquals(
            each.getValue(), Running.json(refused).get("argument").asString(), refused.body());
      }
    }
  }

  /// Others do not see what one session has learned.
  @Test
  void session_withWeightsOfItsOwn_learnsForItselfAndGoesBack() throws Exception {
    try (Running server = learner(Fixtures.text(folder, "poem", 1))) {
      String base = open(server, "a");
      open(server, "b");
      HttpResponse<String> begun = server.post("/v1/sessions/a/learn", "{}");
      assertEquals(200, begun.statusCode(), begun.body());
      JsonNode own = null;
      JsonNode other = null;
      for (int i = 0; i < 3; i++) {
        own = step(server, "a", "{\"text\":\"" + TEXT + "\"}");
        other = step(server, "b", "{\"text\":\"" + TEXT + "\"}");
      }
      assertTrue(own.get("version").asString().startsWith(base + "+"), own::toString);
      assertEquals(base, other.get("version").asString());
      assertNotEquals(own.get("outputs"), other.get("outputs"));

      JsonNode frozen = Running.json(server.post("/v1/sessions/a/freeze", "{}"));
      assertEquals(base, frozen.get("base").asString());
      assertTrue(frozen.get("updates").asInt() > 0, frozen::toString);
      assertEquals(base, step(server, "a", "{\"text\":\"a\"}").get("version").asString());
      assertEquals(400, server.post("/v1/sessions/a/freeze", "{}").statusCode());
    }
  }

  /// They are in memory alone; no other model takes their place without a word, whether the server learns or not.
  @Test
  void session_whoseWeightsWereLostWithTheServer_isRefusedUntilItIsFrozen() throws Exception {
    Path model = Fixtures.text(folder, "poem", 1);
    Path store = Files.createDirectory(folder.resolve("store"));
    String text = "{\"text\":\"" + TEXT + "\"}";
    String base;
    try (Running server = Running.stored(store, Optional.of(learning()), model)) {
      base = open(server, "a");
      open(server, "b");
      for (String id : new String[] {"a", "b"}) {
        assertEquals(200, server.post("/v1/sessions/" + id + "/learn", "{}").statusCode());
        assertNotEquals(base, step(server, id, text).get("version").asString());
      }
    }
    try (Running server = Running.stored(store, Optional.of(learning()), model)) {
      assertIsLostUntilItIsFrozen(server, "a", base);
      assertEquals(400, server.post("/v1/sessions/a/freeze", "{}").statusCode());
    }
    try (Running server = Running.stored(store, Optional.empty(), model)) {
      assertEquals(base, step(server, "a", text).get("version").asString());
      assertIsLostUntilItIsFrozen(server, "b", base);
      assertEquals(409, server.post("/v1/sessions/b/freeze", "{}").statusCode());
    }
  }

  private static void assertIsLostUntilItIsFrozen(Running server, String id, String base)
      throws Exception {
    HttpResponse<String> refused = server.post("/v1/sessions/" + id + "/step", "{\"text\":\"a\"}");
    assertEquals(409, refused.statusCode(), refused.body());
    assertEquals("own_lost", Running.json(refused).get("kind").asString());
    HttpResponse<String> stream =
        server.post(
            "/v1/completions",
            "{\"prompt\":\"a\",\"stream\":true,\"session\":\"%s\"}".formatted(id));
    assertEquals(409, stream.statusCode(), stream.body());
    assertEquals("own_lost", Running.json(stream).get("kind").asString());
    JsonNode frozen = Running.json(server.post("/v1/sessions/" + id + "/freeze", "{}"));
    assertEquals(0, frozen.get("updates").asInt(-1), frozen::toString);
    JsonNode answer = step(server, id, "{\"text\":\"a\"}");
    assertEquals(base, answer.get("version").asString());
    assertEquals(TEXT.length() + 1, answer.get("step").asInt());
  }

  /// A row that was read is answered, whatever becomes of learning.
  @Test
  void step_ofAModelThatCannotLearnAnyMore_isAnswered() throws Exception {
    Path file = Fixtures.text(folder, "poem", 1);
    try (Running server = learner(file)) {
      open(server, "a");
      step(server, "a", "{\"text\":\"abc\"}");
      ModelFile.save(
          file, ModelFile.load(file, Fixtures.KERNELS).withWeights(WeightFormat.BFLOAT16));
      HttpResponse<String> reloaded = server.post("/v1/models/poem/reload", "");
      assertEquals(200, reloaded.statusCode(), reloaded.body());

      assertEquals(6, step(server, "a", "{\"text\":\"abc\"}").get("step").asInt());
      assertEquals(9, step(server, "a", "{\"text\":\"abc\"}").get("step").asInt());
      JsonNode status = Running.json(server.get("/v1/models/poem/learning"));
      assertTrue(status.get("failures").asInt() >= 2, status::toString);
    }
  }

  @Test
  void rate_thatIsNone_isRefusedByTheNameOfItsOption() {
    LearnChoice choice = new LearnChoice();
    new CommandLine(
            CommandLine.Model.CommandSpec.create()
                .addMixin("learn", CommandLine.Model.CommandSpec.forAnnotatedObject(choice)))
        .parseArgs("--learn", "--learn-rate", "-1");
    Refusal refused =
        assertThrows(Refusal.class, () -> choice.settings(new PrintWriter(Writer.nullWriter())));
    assertEquals("learn-rate", refused.argument());
  }

  @Test
  void server_thatDoesNotLearn_saysSo() throws Exception {
    try (Running server = Running.of(Fixtures.text(folder, "poem", 1))) {
      open(server, "a");
      for (String path : new String[] {"targets", "learn", "freeze"}) {
        HttpResponse<String> refused = server.post("/v1/sessions/a/" + path, "{}");
        assertEquals(409, refused.statusCode(), path);
        assertEquals("learn", Running.json(refused).get("kind").asString());
      }
      assertEquals("{\"learns\":false}", server.get("/v1/models/poem/learning").body());
    }
  }
}
