package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.State;
import dev.unfold.run.learn.Decision.Kind;
import dev.unfold.run.session.Answer;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.update.Clip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class ServedLearnerTest {
  @TempDir private Path folder;

  private final List<Decision> decisions = new ArrayList<>();
  private final List<RuntimeException> failures = new ArrayList<>();
  private final LearnListener listener =
      new LearnListener() {
        @Override
        public void decided(Decision decision) {
          decisions.add(decision);
        }

        @Override
        public void failed(RuntimeException failure) {
          failures.add(failure);
        }
      };

  private ServedLearner learner(Sessions sessions, LearnOptions options) {
    return ServedLearner.synchronous(sessions, folder, options, listener, Streams.CLOCK);
  }

  private List<Kind> kinds() {
    return decisions.stream().map(Decision::kind).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  /// One that never promotes.
  private static LearnOptions withoutPromotion(double rate) {
    return Streams.options(rate).with(new ContestOptions(1_000_000, 0.02, 3, 0.5));
  }

  /// A model that foresees the sane stream.
  private ModelVersion trained() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    Path own = Files.createDirectories(folder.resolve("trained"));
    try (ServedLearner learner =
        ServedLearner.synchronous(
            sessions, own, Streams.options(0.1), LearnListener.NONE, Streams.CLOCK)) {
      Streams.tell(learner, "s", 0, Streams.sane(2400, 7));
    }
    return new ModelVersion("sensor", "trained", sessions.version().model());
  }

  @Test
  void shadow_thatIsBetterOverAWindow_isServedToSessionsWhoseStatesStay() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    Session other = sessions.open("other");
    List<Streams.Row> rows = Streams.sane(400, 1);
    other.step(rows.getFirst().inputs());
    ServedLearner learner = learner(sessions, Streams.options(0.1));

    Streams.tell(learner, "s", 0, rows);

    assertEquals(List.of(Kind.PROMOTION), kinds());
    Decision promotion = decisions.getFirst();
    assertTrue(promotion.loss() < promotion.lossBefore());
    assertEquals("original", promotion.before());
    assertEquals(promotion.version(), sessions.version().version());
    ModelVersion file =
        ModelVersion.load("sensor", promotion.file().orElseThrow(), Streams.kernels());
    assertEquals(promotion.version(), file.version());
    State state = other.state();
    Answer answer = other.step(rows.get(1).inputs());
    assertEquals(promotion.version(), answer.version());
    Matrix expected = new Runner(file.network()).run(rows.get(1).inputs(), state).outputs();
    assertArrayEquals(Streams.numbers(expected), Streams.numbers(answer.outputs()));
  }

  @Test
  void promotion_leavesAModelAndItsNumbers() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    Streams.tell(learner(sessions, Streams.options(0.1)), "s", 0, Streams.sane(400, 1));

    assertEquals(List.of("000001-promotion.json", "000001-promotion.safetensors"), files());
    String json = Files.readString(folder.resolve("000001-promotion.json"));
    assertTrue(json.contains("\"file\":\"000001-promotion.safetensors\""), json);
    assertTrue(json.contains("\"before\":\"original\""), json);
    assertTrue(json.contains("\"loss_before\":" + decisions.getFirst().lossBefore()), json);
    assertTrue(json.contains("\"window\":400"), json);
    assertTrue(json.contains("\"at\":\"2026-01-01T00:00:00Z\""), json);
  }

  @Test
  void noise_ofFewerStepsThanAWindow_isNotPromoted() throws IOException {
    ModelVersion trained = trained();
    Sessions sessions = Streams.sessions(trained);
    LearnOptions careful = Streams.options(0.1).with(new ContestOptions(400, 0.2, 3, 0.5));
    ServedLearner learner = learner(sessions, careful);

    Streams.tell(learner, "s", 0, Streams.sane(300, 2));
    Streams.tell(learner, "s", 300, Streams.poison(150, 3));
    Streams.tell(learner, "s", 450, Streams.sane(800, 4));

    assertTrue(kinds().stream().noneMatch(kind -> kind == Kind.PROMOTION), decisions::toString);
    assertSame(trained, sessions.version());
  }

  @Test
  void noise_thatWasLearnedForLong_isRolledBackOnceItIsOver() throws IOException {
    ModelVersion trained = trained();
    Sessions sessions = Streams.sessions(trained);
    ServedLearner learner = learner(sessions, Streams.options(0.1));

    Streams.tell(learner, "s", 0, Streams.poison(2000, 3));
    assertTrue(kinds().contains(Kind.PROMOTION), kinds()::toString);
    assertNotEquals("trained", sessions.version().version());
    int before = decisions.size();
    Streams.tell(learner, "s", 2000, Streams.sane(600, 4));

    List<Decision> since = decisions.subList(before, decisions.size());
    assertTrue(
        since.stream()
            .anyMatch(decision ->
                decision.kind() == Kind.ROLLBACK && decision.version().equals("trained")),
        since::toString);
    assertSame(trained, sessions.version());
    assertTrue(files().stream().anyMatch(name -> name.endsWith("-rollback.json")));
    assertEquals(1, learner.status().rollbacks());
  }

  @Test
  void loss_ofRandomTokens_isNobodysKnowledge() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    int[] tokens = Streams.random(4001, 5);
    ServedLearner learner = learner(sessions, Streams.options(0.5));

    learner.read("s", 0, Streams.tokens(tokens));

    LearnStatus status = learner.status();
    assertEquals(4000, status.steps());
    // The standard error of a mean of 4,000 losses that differ by some 0.3.
    double noise = 0.3 / Math.sqrt(4000);
    assertTrue(status.learning() > Math.log(Streams.TOKENS) - 3 * noise, status::toString);
    assertTrue(status.served() > Math.log(Streams.TOKENS) - 3 * noise, status::toString);
  }

  @Test
  void loss_ofWhatIsServed_isThatOfTheAnswers() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    ServedLearner learner = learner(sessions, withoutPromotion(0.2));
    Session session = sessions.open("s");
    int[] tokens = Streams.random(101, 5);
    double sum = 0;
    for (int t = 0; t < tokens.length; t++) {
      Answer answer = session.step(Streams.tokens(tokens[t]));
      learner.read("s", t, Streams.tokens(tokens[t]));
      sum += t + 1 < tokens.length ? loss(answer.outputs(), tokens[t + 1]) : 0;
    }

    assertEquals(100, learner.status().steps());
    // c = 4 for exp and log of a few numbers.
    assertEquals(sum / 100, learner.status().served(), 4 * Math.ulp(sum));
    assertEquals(learner.status().withoutLearning(), learner.status().served());
  }

  @Test
  void loss_ofWhatIsServed_isThatOfTheAnswersAcrossPromotions() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    LearnOptions options = Streams.options(0.5).with(new ContestOptions(100, 0.01, 2, 0.5));
    ServedLearner learner = learner(sessions, options);
    Session session = sessions.open("s");
    int[] part = Streams.random(7, 5);
    double sum = 0;
    for (int t = 0; t <= 400; t++) {
      int token = part[t % part.length];
      // Told first, so that a promotion answers this very row.
      learner.read("s", t, Streams.tokens(token));
      Answer answer = session.step(Streams.tokens(token));
      sum += t < 400 ? loss(answer.outputs(), part[(t + 1) % part.length]) : 0;
    }

    assertTrue(kinds().contains(Kind.PROMOTION), kinds()::toString);
    assertEquals(400, learner.status().steps());
    // c = 4 for exp and log of a few numbers.
    assertEquals(sum / 400, learner.status().served(), 4 * Math.ulp(sum));
  }

  private static double loss(Matrix outputs, int token) {
    double[] net = Streams.numbers(outputs);
    double sum = 0;
    for (double each : net) {
      sum += Math.exp(each - net[token]);
    }
    return Math.log(sum);
  }

  @Test
  void sessions_besideALearnerThatPromotesNothing_answerTheSameBits() {
    Sessions plain = Streams.sessions(Streams.text(1));
    Sessions learned = Streams.sessions(Streams.text(1));
    ServedLearner learner = learner(learned, withoutPromotion(0.5));
    Session one = plain.open("s");
    Session two = learned.open("s");
    int[] tokens = Streams.random(60, 9);
    for (int t = 0; t < tokens.length; t++) {
      Inputs row = Streams.tokens(tokens[t]);
      Answer answer = two.step(row);
      learner.read("s", t, row);
      assertArrayEquals(
          Streams.numbers(one.step(row).outputs()), Streams.numbers(answer.outputs()));
      assertEquals("original", answer.version());
    }
    assertTrue(learner.status().updates() > 0);
  }

  @Test
  void shadow_thatDiverges_beginsAnewAndIsNotServed() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    LearnOptions wild = Streams.options(1e5);
    ServedLearner learner = learner(sessions, wild.with(wild.rule().with(new Clip.None())));

    Streams.tell(learner, "s", 0, Streams.sane(800, 1));

    assertTrue(learner.status().restarts() > 0);
    assertEquals("original", sessions.version().version());
    assertTrue(files().isEmpty(), files()::toString);
    assertTrue(Double.isFinite(learner.status().served()));
  }

  @Test
  void decisions_ofTheSameSteps_areTheSame() throws IOException {
    Streams.tell(
        learner(Streams.sessions(Streams.sensor(1)), Streams.options(0.1)),
        "s",
        0,
        Streams.sane(900, 1));
    List<String> first = decisions.stream().map(Decision::version).toList();
    decisions.clear();
    for (String file : files()) {
      Files.delete(folder.resolve(file));
    }
    Streams.tell(
        learner(Streams.sessions(Streams.sensor(1)), Streams.options(0.1)),
        "s",
        0,
        Streams.sane(900, 1));

    assertEquals(2, first.size());
    assertEquals(first, decisions.stream().map(Decision::version).toList());
  }

  @Test
  @Timeout(30)
  void learner_inAThreadOfItsOwn_decidesWhatOneWithinTheCallsDoes() throws Exception {
    Streams.tell(
        learner(Streams.sessions(Streams.sensor(1)), Streams.options(0.1)),
        "s",
        0,
        Streams.sane(450, 1));
    List<String> first = decisions.stream().map(Decision::version).toList();
    decisions.clear();
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    Path own = Files.createDirectories(folder.resolve("own"));
    LearnOptions options = Streams.options(0.1).with(new LearnLimits(10, 10, 1000, 1));
    try (ServedLearner learner =
        ServedLearner.start(sessions, own, options, listener, Streams.CLOCK)) {
      Streams.tell(learner, "s", 0, Streams.sane(450, 1));
      learner.await();
      assertEquals(450, learner.status().steps());
    }
    assertEquals(1, first.size());
    assertEquals(first, decisions.stream().map(Decision::version).toList());
    assertEquals(first.getFirst(), sessions.version().version());
  }

  @Test
  @Timeout(30)
  void learner_thatCannotFollow_dropsAndCountsAndLetsNobodyWait() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(10, 10, 50, 0.001));
    try (ServedLearner learner =
        ServedLearner.start(sessions, folder, options, listener, Streams.CLOCK)) {
      int refused = 0;
      List<Streams.Row> rows = Streams.sane(1000, 1);
      for (int t = 0; t < rows.size(); t++) {
        learner.read("s", t, rows.get(t).inputs());
        try {
          learner.label("s", t, rows.get(t).targets());
        } catch (Refusal _) {
          refused++;
        }
      }
      LearnStatus.Front front = learner.status().front();
      // The queue, and a segment at hand.
      assertTrue(front.queued() <= 50 + 10, front::toString);
      assertTrue(front.dropped() > 500, front::toString);
      assertEquals(refused, front.refused());
      assertTrue(front.forgotten() > 0, front::toString);
    }
  }

  /// What is not taken is dropped before anything is made of it, and what is taken takes a time that grows as it does.
  @Test
  @Timeout(30)
  void text_ofMillionsOfTokens_isTakenAsFarAsTheQueueGoes() throws Exception {
    Sessions sessions = Streams.sessions(Streams.text(1));
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(10, 10, 5000, 1));
    int[] tokens = Streams.random(7_000_000, 5);
    try (ServedLearner learner =
        ServedLearner.start(sessions, folder, options, listener, Streams.CLOCK)) {
      long begun = System.nanoTime();
      learner.read("s", 0, Streams.tokens(tokens));
      double seconds = (System.nanoTime() - begun) / 1e9;
      LearnStatus.Front front = learner.status().front();
      assertTrue(front.labelled() < 5000, front::toString);
      assertTrue(front.dropped() >= 7_000_000 - 5000, front::toString);
      assertEquals(0, front.sessions());
      // Some milliseconds; without the limit it is seconds, and minutes if each row moves all
      // others.
      assertTrue(seconds < 2, () -> seconds + " s");
      learner.await();
      assertTrue(learner.status().steps() > 4000, learner.status()::toString);
    }
  }

  @Test
  @Timeout(60)
  void learner_takesNoMoreThanItsShareOfTheTime() throws Exception {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(10, 10, 1000, 0.1));
    long begun = System.nanoTime();
    try (ServedLearner learner =
        ServedLearner.start(sessions, folder, options, listener, Streams.CLOCK)) {
      Streams.tell(learner, "s", 0, Streams.sane(300, 1));
      learner.await();
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertEquals(300, learner.status().steps());
      assertTrue(learner.status().seconds() <= 0.1 * seconds, learner.status()::toString);
    }
  }

  @Test
  @Timeout(60)
  void learner_thatManyTellAtOnce_losesNothing() throws Exception {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(100, 10, 10_000, 1));
    try (ServedLearner learner =
        ServedLearner.start(sessions, folder, options, listener, Streams.CLOCK)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String id = "s" + i;
        threads.add(
            Thread.ofVirtual()
                .start(() -> Streams.tell(learner, id, 0, Streams.sane(100, id.hashCode()))));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      learner.await();
      assertEquals(800, learner.status().steps());
      assertEquals(80, learner.status().updates());
      assertEquals(0, learner.status().front().failures());
    }
  }

  @Test
  void target_ofARowThatIsNotKept_isRefusedInOneLine() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner =
        learner(sessions, Streams.options(0.1).with(new LearnLimits(10, 20, 100, 1)));
    List<Streams.Row> rows = Streams.sane(50, 1);
    for (int t = 0; t < rows.size(); t++) {
      learner.read("s", t, rows.get(t).inputs());
    }

    Refusal late = assertThrows(Refusal.class, () -> learner.label("s", 3, rows.get(3).targets()));
    assertEquals(
        "step: expected rows of 30 to 49, which wait for their targets, got 3", late.getMessage());
    assertEquals(1, learner.label("s", 30, rows.get(30).targets()));
    assertThrows(Refusal.class, () -> learner.label("s", 30, rows.get(30).targets()));
    assertThrows(Refusal.class, () -> learner.label("s", 50, rows.get(49).targets()));
    assertThrows(Refusal.class, () -> learner.label("other", 0, rows.get(0).targets()));
    assertEquals(4, learner.status().front().refused());
    assertEquals(1, learner.status().front().labelled());
  }

  @Test
  void rows_thatTheModelWrote_areNotLearned() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    ServedLearner learner = learner(sessions, withoutPromotion(0.1));
    int[] tokens = Streams.random(40, 3);

    learner.read("s", 0, Streams.tokens(tokens).part(0, 10).select(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    learner.wrote("s", 10, Streams.tokens(Streams.random(20, 4)));
    learner.read("s", 30, Streams.tokens(Streams.random(10, 5)));
    learner.end("s");

    // 9 of the first ten, and all of the last: the first of which was right at what was written
    // last.
    assertEquals(19, learner.status().steps());
    assertEquals(19, learner.status().front().labelled());
  }

  @Test
  void session_thatIsFollowedFromItsMiddle_isScoredFromItsSecondSegmentOn() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner = learner(sessions, withoutPromotion(0.1));

    Streams.tell(learner, "s", 70, Streams.sane(30, 1));

    assertEquals(20, learner.status().steps());
    assertEquals(10, learner.status().skipped());
  }

  @Test
  void sessions_beyondThoseThatAreFollowed_letTheOldestBeForgotten() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner =
        learner(sessions, withoutPromotion(0.1).with(new LearnLimits(2, 20, 100, 1)));
    for (String id : List.of("a", "b", "c")) {
      Streams.tell(learner, id, 0, Streams.sane(5, 1));
    }

    assertEquals(2, learner.status().front().sessions());
    assertEquals(1, learner.status().front().forgotten());
    assertThrows(
        Refusal.class, () -> learner.label("a", 4, Streams.sane(1, 1).getFirst().targets()));
  }

  @Test
  void shadow_byAnOnlineRule_isPromotedToo() {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner = learner(sessions, Streams.options(0.1).withEngine("snap1"));

    Streams.tell(learner, "a", 0, Streams.sane(200, 1));
    Streams.tell(learner, "b", 0, Streams.sane(200, 2));

    assertEquals(List.of(Kind.PROMOTION), kinds());
  }

  @Test
  void promotion_thatCannotBeWritten_changesNothingAndIsTold() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner = learner(sessions, Streams.options(0.1));
    Streams.tell(learner, "s", 0, Streams.sane(390, 1));
    Files.delete(folder);

    Streams.tell(learner, "s", 390, Streams.sane(50, 1));
    assertEquals("original", sessions.version().version());
    assertEquals(1, learner.status().front().failures());
    assertEquals(1, failures.size());

    Files.createDirectory(folder);
    Streams.tell(learner, "s", 440, Streams.sane(60, 1));
    assertEquals(List.of(Kind.PROMOTION), kinds());
  }

  /// A disk that is full once the model is on it: nothing is served, nothing is left, and it is tried again.
  @Test
  void promotion_whoseNumbersCannotBeWritten_leavesWhatIsServedAndNoFile() throws IOException {
    ModelVersion given = Streams.sensor(1);
    Sessions sessions = Streams.sessions(given);
    Path inTheWay = folder.resolve("000001-promotion.json");
    // It is asked for the time between the model and its numbers.
    boolean[] isFull = {true};
    InstantSource clock =
        () -> {
          if (isFull[0]) {
            makeFolder(inTheWay.resolve("full"));
          }
          return Streams.CLOCK.instant();
        };
    ServedLearner learner =
        ServedLearner.synchronous(sessions, folder, Streams.options(0.1), listener, clock);

    Streams.tell(learner, "s", 0, Streams.sane(400, 1));
    assertSame(given, sessions.version());
    assertEquals("original", learner.status().version());
    assertEquals(0, learner.status().promotions());
    assertEquals(1, failures.size(), failures::toString);
    assertTrue(failures.getFirst() instanceof WriteException, failures::toString);
    assertEquals(List.of(), kinds());
    assertEquals(List.of("000001-promotion.json"), files(), "no model without its numbers");

    isFull[0] = false;
    Files.delete(inTheWay.resolve("full"));
    Files.delete(inTheWay);
    Streams.tell(learner, "s", 400, Streams.sane(50, 1));
    assertEquals(List.of(Kind.PROMOTION), kinds());
    assertEquals(sessions.version().version(), learner.status().version());
    assertEquals(
        sessions.version().version(), LearnFolder.latest(folder, given).orElseThrow().version());
  }

  private static void makeFolder(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Timeout(30)
  void status_whileASegmentIsLearned_isThatOfTheOneBefore() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch asked = new CountDownLatch(1);
    LearnListener slow =
        new LearnListener() {
          @Override
          public void scored(Scored scored) {
            begun.countDown();
            if (begun.getCount() == 0) {
              awaitUninterruptibly(asked);
            }
          }
        };
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(10, 10, 1000, 1));
    try (ServedLearner learner =
        ServedLearner.start(
            Streams.sessions(Streams.sensor(1)), folder, options, slow, Streams.CLOCK)) {
      Streams.tell(learner, "s", 0, Streams.sane(20, 1));
      begun.await();
      assertEquals(10, learner.status().steps());
      assertEquals(20, learner.status().front().labelled());
      asked.countDown();
      learner.await();
      assertEquals(20, learner.status().steps());
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void model_thatSomebodyElsePutsInPlace_isLearnedFromAnew() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner = learner(sessions, Streams.options(0.1));
    Streams.tell(learner, "s", 0, Streams.sane(300, 1));
    ModelVersion other = trained();
    sessions.use(other);

    Streams.tell(learner, "s", 300, Streams.sane(100, 2));

    assertEquals(List.of(Kind.REPLACEMENT), kinds());
    assertSame(other, sessions.version());
    assertEquals("trained", learner.status().original());
  }

  /// A server that starts anew begins with the file that it was told to read, not with what was promoted before.
  @Test
  void model_thatSomebodyElsePutsInPlace_isServedAfterAStartAnew() throws IOException {
    ModelVersion given = Streams.sensor(1);
    Sessions sessions = Streams.sessions(given);
    ServedLearner learner = learner(sessions, Streams.options(0.1));
    Streams.tell(learner, "s", 0, Streams.sane(400, 1));
    assertTrue(LearnFolder.latest(folder, given).isPresent());
    sessions.use(given);
    learner.replaced();

    assertEquals(List.of(Kind.PROMOTION, Kind.REPLACEMENT), kinds());
    assertEquals("000002-replacement.json", files().getLast());
    assertTrue(LearnFolder.latest(folder, given).isEmpty());
  }

  @Test
  void model_thatIsReadAgainAsItWas_isNotNoted() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    ServedLearner learner = learner(sessions, Streams.options(0.1));
    Streams.tell(learner, "s", 0, Streams.sane(40, 1));
    for (int i = 0; i < 3; i++) {
      sessions.use(Streams.sensor(1));
      learner.replaced();
    }

    assertEquals(List.of(), kinds());
    assertEquals(List.of(), files());
  }

  @Test
  void modelAsGiven_isKnownAfterAStartAnew_andTakesItsPlaceAgainIfItIsBetter() throws IOException {
    ModelVersion given = trained();
    Sessions first = Streams.sessions(given);
    Streams.tell(learner(first, Streams.options(0.1)), "s", 0, Streams.poison(2000, 3));
    assertTrue(kinds().contains(Kind.PROMOTION), kinds()::toString);
    decisions.clear();
    ModelVersion latest = LearnFolder.latest(folder, given).orElseThrow();
    Sessions sessions = Streams.sessions(latest);
    ServedLearner learner =
        ServedLearner.synchronous(
            sessions, given, folder, Streams.options(0.1), listener, Streams.CLOCK);

    assertEquals("trained", learner.status().original());
    Streams.tell(learner, "s", 0, Streams.sane(90, 4));
    assertTrue(
        learner.status().withoutLearning() < learner.status().served(), learner.status()::toString);
    Streams.tell(learner, "s", 90, Streams.sane(510, 5));
    assertEquals(Kind.ROLLBACK, kinds().getFirst());
    assertSame(given, sessions.version());
  }

  @Test
  void stream_thatIsForeseenPerfectly_isNotPromotedForEver() throws IOException {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    LearnOptions options = Streams.options(0.1).with(new ContestOptions(200, 0.01, 3, 0.5));
    ServedLearner learner = learner(sessions, options);
    List<Streams.Row> rows = Streams.steps(40_000, 0, 0, 1);

    Streams.tell(learner, "s", 0, rows.subList(0, 20_000));
    int before = kinds().size();
    Streams.tell(learner, "s", 20_000, rows.subList(20_000, 40_000));

    assertTrue(before > 0);
    // Some four times as many without the least gain, and as many again for as long as it goes on.
    assertTrue(kinds().size() - before < 4, kinds()::toString);
  }

  @Test
  void promotion_thatCannotBeServed_isNotWhatAServerBeginsWith() throws IOException {
    ModelVersion given = Streams.sensor(1);
    Path store = folder.resolve("store");
    Sessions sessions = Sessions.stored(given, SessionOptions.defaults(), Streams.CLOCK, store);
    ServedLearner learner = learner(sessions, Streams.options(0.1));
    Streams.tell(learner, "s", 0, Streams.sane(390, 1));
    try (Stream<Path> all = Files.walk(store)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    Files.writeString(store, "no folder");

    Streams.tell(learner, "s", 390, Streams.sane(10, 1));
    assertEquals(1, failures.size(), failures::toString);
    assertEquals(List.of(), kinds());
    assertSame(given, sessions.version());
    assertTrue(LearnFolder.latest(folder, given).isEmpty());
    assertEquals(List.of("store"), files());
  }

  @Test
  void model_ofAnotherVocabulary_isLearnedFromAsItsOwnTokensCome() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    ServedLearner learner = learner(sessions, withoutPromotion(0.1));
    learner.read("s", 0, Streams.tokens(Streams.random(15, 3)));
    ModelVersion larger = Streams.text(1, "abcdefgh");
    sessions.use(larger);
    assertTrue(learner.follows(larger));
    assertFalse(learner.follows(Streams.text(1)));

    learner.read("s", 15, Streams.tokens(7, 6, 5, 7, 6, 5, 7, 6, 5, 7, 6));
    learner.read("other", 0, Streams.tokens(7, 6, 5, 7, 6, 5, 7, 6, 5, 7, 6));

    assertEquals(0, learner.status().front().failures(), failures::toString);
    // 10 of the model before, none of the session whose state is not known, 10 of the one that
    // began.
    assertEquals(20, learner.status().steps());
    assertEquals(2, learner.status().front().sessions());
  }

  @Test
  void session_thatBeganWithAStateThatSomebodyBrought_isNotOneFromZeros() {
    Sessions sessions = Streams.sessions(Streams.text(1));
    ServedLearner learner = learner(sessions, withoutPromotion(0.1));

    learner.read("s", 0, false, Streams.tokens(Streams.random(21, 3)));

    assertEquals(10, learner.status().steps());
    assertEquals(10, learner.status().skipped());
  }

  @Test
  @Timeout(30)
  void learner_thatRunsOutOfMemory_dropsWhatWaitsAndGoesOn() throws Exception {
    Sessions sessions = Streams.sessions(Streams.sensor(1));
    boolean[] isOver = {false};
    LearnListener hungry =
        new LearnListener() {
          @Override
          public void scored(Scored scored) {
            if (!isOver[0]) {
              isOver[0] = true;
              throw new OutOfMemoryError("of a test");
            }
          }
        };
    LearnOptions options = withoutPromotion(0.1).with(new LearnLimits(10, 10, 1000, 1));
    try (ServedLearner learner =
        ServedLearner.start(sessions, folder, options, hungry, Streams.CLOCK)) {
      Streams.tell(learner, "a", 0, Streams.sane(10, 1));
      learner.await();
      Streams.tell(learner, "b", 0, Streams.sane(50, 1));
      learner.await();

      assertEquals(1, learner.status().front().failures());
      assertEquals(1, learner.status().front().forgotten());
      assertEquals(5, learner.status().updates());
    }
  }

  @Test
  void model_withoutLossesOfSteps_isRefused() {
    ModelVersion rounded =
        new ModelVersion(
            "sensor", "rounded", Streams.sensor(1).model().withWeights(WeightFormat.BFLOAT16));
    assertThrows(
        IllegalArgumentException.class,
        () -> learner(Streams.sessions(rounded), Streams.options(0.1)));
    assertThrows(Refusal.class, () -> Streams.options(0.1).withEngine("snap7"));
  }
}
