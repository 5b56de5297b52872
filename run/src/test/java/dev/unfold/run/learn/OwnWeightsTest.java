package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.State;
import dev.unfold.run.session.Answer;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionException;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.dynamic.DynamicEvaluation;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.Learned;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OwnWeightsTest {
  private static final DynamicRule RULE = new DynamicRule.Sgd(0.3, 0.01);
  private static final OwnOptions OPTIONS = OwnOptions.defaults().with(RULE).withSegment(7);

  @TempDir private Path folder;

  private final ModelVersion model = Streams.text(2);
  private final Sessions sessions = Streams.sessions(model);
  private final OwnWeights own = OwnWeights.of(sessions, OPTIONS);

  /// A text that repeats itself.
  private static int[] text(int count) {
    int[] part = Streams.random(11, 4);
    int[] tokens = new int[count];
    Arrays.setAll(tokens, t -> part[t % part.length]);
    return tokens;
  }

  private Session begin(String id) {
    Session session = sessions.open(id);
    own.begin(id);
    return session;
  }

  private static Inputs row(int token) {
    return Streams.tokens(token);
  }

  @Test
  void session_readsATextAsDynamicEvaluationDoes() {
    begin("s");
    int[] text = text(80);
    for (int token : text) {
      own.step("s", row(token));
    }
    OwnStatus status = own.freeze("s");

    DynamicEvaluation dynamic =
        new DynamicEvaluation(model.network(), RULE, Learned.ALL, 7, Team.of(1));
    assertEquals(dynamic.evaluate(List.of(text)).mean(), status.loss());
    assertEquals(79, status.steps());
    assertEquals(12, status.updates());
    assertEquals(
        DynamicEvaluation.unchanged(model.network(), List.of(text), 7, Team.of(1)).mean(),
        status.withoutLearning());
    assertTrue(status.loss() < status.withoutLearning());
  }

  @Test
  void answers_areTheSameBitsHoweverRowsCome() {
    int[] text = text(50);
    begin("single");
    double[][] single = new double[50][];
    String version = "";
    for (int t = 0; t < 50; t++) {
      Answer answer = own.step("single", row(text[t]));
      single[t] = Streams.numbers(answer.outputs());
      version = answer.version();
    }
    begin("parts");
    int from = 0;
    for (int count : new int[] {1, 20, 6, 2, 21}) {
      Answer answer =
          own.step("parts", Streams.tokens(Arrays.copyOfRange(text, from, from + count)), from);
      for (int t = 0; t < count; t++) {
        assertArrayEquals(single[from + t], Streams.numbers(answer.outputs().rows(t, 1)));
      }
      from += count;
      assertEquals(from, answer.step());
      version = from == 50 ? answer.version() : version;
    }
    assertEquals("original+7", version);
  }

  @Test
  void step_isAnsweredBeforeItIsLearned() {
    // Nobody foresees these with less than ln 5 on average, however fast it learns.
    int[] tokens = Streams.random(301, 8);
    OwnWeights fast =
        OwnWeights.of(sessions, OPTIONS.with(new DynamicRule.Sgd(1, 0)).withSegment(1));
    sessions.open("s");
    fast.begin("s");
    fast.step("s", Streams.tokens(tokens));

    assertEquals(300, fast.status("s").updates());
    assertTrue(fast.status("s").loss() > Math.log(Streams.TOKENS), fast.status("s")::toString);
  }

  @Test
  void others_areNotTouched() {
    begin("s");
    Session other = sessions.open("other");
    Session plain = Streams.sessions(model).open("other");
    for (int token : text(40)) {
      own.step("s", row(token));
      Answer answer = other.step(row(token));
      assertArrayEquals(
          Streams.numbers(plain.step(row(token)).outputs()), Streams.numbers(answer.outputs()));
      assertEquals("original", answer.version());
    }
  }

  @Test
  void session_thatIsFrozen_keepsItsStateAndRunsWhatIsServed() {
    Session session = begin("s");
    own.step("s", Streams.tokens(text(40)));
    State state = session.state();
    own.freeze("s");

    assertFalse(own.has("s"));
    Answer answer = session.step(row(3));
    Matrix expected = new Runner(model.network()).run(row(3), state).outputs();
    assertArrayEquals(Streams.numbers(expected), Streams.numbers(answer.outputs()));
    assertEquals("original", answer.version());
    assertEquals(41, answer.step());
    assertThrows(Refusal.class, () -> own.step("s", row(1)));
  }

  @Test
  void session_thatLearned_staysWithItsWeightsWhenAnotherModelIsServed() {
    begin("s");
    own.step("s", Streams.tokens(text(40)));
    sessions.use(new ModelVersion("letters", "other", Streams.text(5).model()));

    assertEquals("original+5", own.step("s", row(1)).version());
    own.freeze("s");
    assertEquals("other", sessions.find("s").step(row(1)).version());
  }

  @Test
  void session_thatWasSteppedElsewhere_learnsFromWhereItIs() {
    Session session = begin("s");
    own.step("s", Streams.tokens(text(10)));
    session.step(row(2));
    long steps = own.status("s").steps();

    own.step("s", Streams.tokens(text(8)));

    assertEquals(steps + 7, own.status("s").steps());
    assertEquals("original+2", session.status().version());
  }

  @Test
  void rows_thatTheModelWrote_areNotLearned() {
    begin("s");
    try (Turn turn = sessions.find("s").begin()) {
      own.step("s", turn, Streams.tokens(text(4)));
      own.wrote("s", turn, Streams.tokens(text(20)));
      own.step("s", turn, Streams.tokens(text(5)));
    }

    OwnStatus status = own.freeze("s");
    assertEquals(3 + 5, status.steps());
  }

  @Test
  void targets_ofAModelOfNumbers_areLearnedWhenTheyCome() {
    Sessions sensors = Streams.sessions(Streams.sensor(1));
    OwnWeights learning = OwnWeights.of(sensors, OPTIONS.with(new DynamicRule.Sgd(0.1, 0)));
    sensors.open("s");
    learning.begin("s");
    List<Streams.Row> rows = Streams.sane(14, 1);
    for (int t = 0; t < rows.size(); t++) {
      assertEquals("original+0", learning.step("s", rows.get(t).inputs()).version());
    }
    for (int t = 0; t < rows.size(); t++) {
      assertEquals(1, learning.label("s", t, rows.get(t).targets()));
    }
    assertEquals(2, learning.status("s").updates());
    assertEquals("original+2", learning.step("s", rows.getFirst().inputs()).version());
    assertThrows(Refusal.class, () -> learning.label("s", 3, rows.getFirst().targets()));
  }

  @Test
  void weights_thatDiverge_beginAnewAndAnswersStayNumbers() {
    OwnWeights wild = OwnWeights.of(sessions, OPTIONS.with(new DynamicRule.Sgd(9e5, 0)));
    sessions.open("s");
    wild.begin("s");
    for (int i = 0; i < 40; i++) {
      for (double number : Streams.numbers(wild.step("s", Streams.tokens(text(50))).outputs())) {
        assertTrue(Double.isFinite(number), wild.status("s")::toString);
      }
    }
  }

  @Test
  void weights_thatAreFarWorseThanNone_beginAnew() {
    OwnWeights fast =
        OwnWeights.of(
            sessions,
            OPTIONS.with(new DynamicRule.Sgd(3, 0)).with(new ContestOptions(400, 0.01, 3, 0.1)));
    sessions.open("s");
    fast.begin("s");
    fast.step("s", Streams.tokens(Streams.random(400, 8)));

    OwnStatus status = fast.status("s");
    assertTrue(status.loss() > 1.1 * status.withoutLearning(), status::toString);
    assertTrue(status.restarts() > 0 && status.restarts() <= 4, status::toString);
  }

  @Test
  void rows_withWhatIsNoToken_areRefusedBeforeAnyIsRead() {
    Session session = begin("s");
    assertThrows(Refusal.class, () -> own.step("s", Streams.tokens(1, 2, 9)));
    assertEquals(0, session.status().step());
  }

  @Test
  void sessions_moreThanMay_areRefused() {
    OwnWeights few = OwnWeights.of(sessions, OPTIONS.withLimits(10, 1));
    sessions.open("a");
    sessions.open("b");
    few.begin("a");
    assertThrows(Refusal.class, () -> few.begin("a"));
    assertThrows(Refusal.class, () -> few.begin("b"));
    sessions.find("a").end();
    few.begin("b");
    assertFalse(few.has("a"));
    assertEquals(1, few.size());
  }

  @Test
  void session_thatIsAnotherOfTheSameName_hasNoneOfTheWeights() {
    Session session = begin("s");
    own.step("s", Streams.tokens(text(40)));
    session.end();
    sessions.open("s");

    assertEquals("original", own.step("s", row(1)).version());
    assertFalse(own.has("s"));
  }

  @Test
  void step_ofASessionThatLostItsWeights_isAPlainOne() {
    Session session = sessions.open("s");
    try (Turn turn = session.begin()) {
      Answer answer = own.step("s", turn, row(1));
      assertEquals("original", answer.version());
      assertEquals(2, own.wrote("s", turn, row(2)).step());
    }
    assertThrows(Refusal.class, () -> own.step("s", row(1)));
  }

  @Test
  void weights_ofANameThatExpired_areNotThoseOfTheNextOfThatName() {
    Instant[] now = {Instant.parse("2026-01-01T00:00:00Z")};
    SessionOptions options = SessionOptions.defaults();
    Sessions timed = Sessions.of(model, options, () -> now[0]);
    OwnWeights weights = OwnWeights.of(timed, OPTIONS);
    timed.open("s");
    weights.begin("s");
    weights.step("s", Streams.tokens(text(20)));
    // It ends without a word to those who learn, as one does that expires.
    timed.find("s").end();
    now[0] = now[0].plusSeconds(1);
    Session next = timed.open("s");
    next.step(Streams.tokens(text(20)));

    try (Turn turn = next.begin()) {
      assertEquals("original", weights.step("s", turn, row(1)).version());
    }
    weights.begin("s");
    assertEquals(0, weights.status("s").updates());
  }

  private Sessions stored(int resident) {
    SessionOptions usual = SessionOptions.defaults();
    SessionOptions few =
        new SessionOptions(
            usual.open(), resident, usual.idle(), usual.kept(), usual.marks(), usual.batch());
    return Sessions.stored(model, few, Streams.CLOCK, folder);
  }

  @Test
  void answers_areTheSameBitsIfTheStateWasInAFileMeanwhile() {
    begin("s");
    try (Sessions files = stored(1)) {
      OwnWeights weights = OwnWeights.of(files, OPTIONS);
      files.open("s");
      weights.begin("s");
      Session other = files.open("other");
      for (int token : text(60)) {
        other.step(row(1));
        assertFalse(files.find("s").status().isResident());
        Answer expected = own.step("s", row(token));
        Answer answer = weights.step("s", row(token));
        assertEquals(expected.version(), answer.version());
        assertArrayEquals(Streams.numbers(expected.outputs()), Streams.numbers(answer.outputs()));
      }
      assertEquals(own.status("s"), weights.status("s"));
    }
  }

  @Test
  void weights_thatWereLostWithTheStore_areMissedUntilTheSessionIsFrozenOrBeginsAnew() {
    try (Sessions files = stored(9)) {
      OwnWeights weights = OwnWeights.of(files, OPTIONS);
      for (String id : List.of("a", "b")) {
        files.open(id);
        weights.begin(id);
        assertEquals("original+5", weights.step(id, Streams.tokens(text(40))).version());
      }
    }
    try (Sessions files = stored(9)) {
      OwnWeights weights = OwnWeights.of(files, OPTIONS);
      for (String id : List.of("a", "b")) {
        try (Turn turn = files.find(id).begin()) {
          SessionException lost =
              assertThrows(SessionException.class, () -> weights.step(id, turn, row(1)));
          assertEquals(SessionException.Reason.OWN_LOST, lost.reason());
        }
      }
      assertEquals(OwnStatus.nothing("original"), weights.freeze("a"));
      assertEquals("original", files.find("a").step(row(1)).version());
      weights.begin("b");
      assertEquals("original+0", weights.step("b", row(1)).version());
      assertEquals(41, files.find("b").status().step());
    }
  }

  /// Numbers that grow beyond all bounds leave a state that nobody can learn from.
  @Test
  void weights_thatCannotBeLearned_areLostAndAnswersAreNot() {
    List<RuntimeException> failures = new ArrayList<>();
    Sessions sensors = Streams.sessions(Streams.unbounded());
    OwnWeights learning = OwnWeights.of(sensors, OPTIONS.withSegment(1), failures::add);
    Session session = sensors.open("s");
    learning.begin("s");
    assertEquals("original+0", learning.step("s", Streams.huge().inputs()).version());
    assertEquals(List.of(), failures);

    assertEquals(1, learning.label("s", 0, Streams.targets(1)), "what was right was taken");

    assertEquals(1, failures.size(), failures::toString);
    assertFalse(learning.has("s"));
    assertEquals("original", session.status().version());
    session.restore(Streams.unbounded().network().zeroState(1), 1);
    try (Turn turn = session.begin()) {
      Answer answer = learning.step("s", turn, Streams.huge().inputs());
      assertEquals("original", answer.version());
      assertEquals(2, answer.step());
    }
    assertEquals(1, failures.size());
    assertThrows(Refusal.class, () -> learning.status("s"));
  }
}
