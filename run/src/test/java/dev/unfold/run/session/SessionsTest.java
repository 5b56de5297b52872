package dev.unfold.run.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.StateFile;
import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.model.StaticStart;
import dev.unfold.run.session.SessionException.Reason;
import dev.unfold.sequence.Inputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a session says depends on its own rows and its model's version alone.
final class SessionsTest {
  private static final long SEED = 20261130L;
  private static final int V = 11;
  private static final Kernels KERNELS = Backends.named("vector", Precision.FLOAT);

  @TempDir private Path folder;

  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);

  private static ModelVersion version(String cell, int hidden, String version) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.named(cell), V, 5, hidden);
    long seed = SEED + version.hashCode();
    Network network = Network.create(spec, KERNELS, seed);
    List<String> tokens = IntStream.range(0, V).mapToObj(i -> "" + (char) ('a' + i)).toList();
    return new ModelVersion("letters", version, LanguageModel.of(network, "CHAR", tokens));
  }

  private Sessions sessions(ModelVersion version, SessionOptions options) {
    return Sessions.of(version, options, () -> Instant.ofEpochMilli(now.get()));
  }

  private Sessions stored(ModelVersion version, SessionOptions options) {
    return Sessions.stored(version, options, () -> Instant.ofEpochMilli(now.get()), folder);
  }

  private static SessionOptions options(int open, int resident) {
    return new SessionOptions(open, resident, Duration.ofMinutes(1), Duration.ofHours(1), 2, 16);
  }

  private static Inputs tokens(int... tokens) {
    return new Inputs.Tokens(tokens, 0);
  }

  /// The tokens that session s reads.
  private static int[] stream(int s, int count) {
    return new Random(SEED + s).ints(count, 0, V).toArray();
  }

  private static double[] numbers(Matrix matrix) {
    return IntStream.range(0, matrix.rows())
        .boxed()
        .flatMapToDouble(row -> Arrays.stream(matrix.row(row)))
        .toArray();
  }

  /// What a network says of tokens from zeros on, run alone.
  private static Outcome alone(ModelVersion version, int... tokens) {
    return new Runner(version.network()).run(tokens(tokens), version.network().zeroState(1));
  }

  private static void assertReason(Reason reason, Runnable action) {
    assertEquals(
        reason, assertThrows(SessionException.class, action::run).reason(), reason.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "elman", "minlstm"})
  void rows_inAnyParts_sayWhatTheySayAtOnce(String cell) {
    ModelVersion version = version(cell, 7, "1");
    int[] all = stream(0, 200);
    Outcome expected = alone(version, all);
    Random random = new Random(SEED);
    try (Sessions sessions = sessions(version, SessionOptions.defaults())) {
      Session session = sessions.open("a");
      int from = 0;
      while (from < all.length) {
        int until = Math.min(all.length, from + 1 + random.nextInt(90));
        Answer answer = session.step(new Inputs.Tokens(Arrays.copyOfRange(all, from, until), 0));
        assertEquals("1", answer.version());
        assertEquals(until, answer.step());
        assertArrayEquals(
            numbers(expected.outputs().rows(from, until - from)), numbers(answer.outputs()));
        from = until;
      }
      assertArrayEquals(
          numbers(expected.state().layers().getFirst().getFirst()),
          numbers(session.state().layers().getFirst().getFirst()));
    }
  }

  /// Batches, memory for some of them, files, and a start anew in the middle: the bits are those of each one alone.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sessions_ofManyThreads_sayWhatEachSaysAlone(boolean inFiles) throws Exception {
    ModelVersion version = version("lstm", 24, "1");
    int count = 40;
    int steps = 60;
    SessionOptions options = options(count, inFiles ? count / 4 : count);
    double[][][] said = new double[count][steps][];
    Sessions sessions = inFiles ? stored(version, options) : sessions(version, options);
    for (int s = 0; s < count; s++) {
      sessions.open("s" + s);
    }
    runAll(sessions, said, 0, steps / 2);
    if (inFiles) {
      assertTrue(sessions.statistics().restored() > 0);
      assertTrue(sessions.statistics().resident() <= count / 4);
      sessions.close();
      sessions = stored(version, options);
      assertEquals(count, sessions.size());
    }
    runAll(sessions, said, steps / 2, steps);
    assertEquals(steps, sessions.find("s3").status().step());
    sessions.close();

    for (int s = 0; s < count; s++) {
      Matrix expected = alone(version, stream(s, steps)).outputs();
      for (int t = 0; t < steps; t++) {
        assertArrayEquals(expected.row(t), said[s][t], "session %d, step %d".formatted(s, t));
      }
    }
  }

  private static void runAll(Sessions sessions, double[][][] said, int from, int until)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int s = 0; s < said.length; s++) {
        int own = s;
        all.add(
            threads.submit(() -> {
              Session session = sessions.find("s" + own);
              int[] stream = stream(own, until);
              int t = from;
              while (t < until) {
                int rows = Math.min(until - t, 1 + (own + t) % 3);
                Answer answer = session.step(tokens(Arrays.copyOfRange(stream, t, t + rows)), t);
                for (int r = 0; r < rows; r++) {
                  said[own][t + r] = answer.outputs().row(r);
                }
                t += rows;
              }
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  @Test
  void steps_ofSessionsThatWait_areRunSideBySide() throws Exception {
    ModelVersion version = version("lstm", 24, "1");
    try (Sessions sessions = sessions(version, options(40, 40))) {
      for (int s = 0; s < 40; s++) {
        sessions.open("s" + s);
      }
      runAll(sessions, new double[40][200][], 0, 200);

      SessionStatistics statistics = sessions.statistics();
      assertEquals(40 * 200, statistics.rows());
      assertTrue(
          statistics.frames() < statistics.rows(), () -> statistics.frames() + " frames for all");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void session_forkedMarkedAndRewound_goesOnAsFromThere(boolean inFiles) {
    ModelVersion version = version("gru", 7, "1");
    Sessions sessions =
        inFiles ? stored(version, options(10, 10)) : sessions(version, SessionOptions.defaults());
    Session session = sessions.open("a");
    session.step(tokens(1, 2, 3));
    assertEquals(3, session.mark());
    Session other = session.fork("b");
    double[] expected = numbers(alone(version, 1, 2, 3, 4).outputs().rows(3, 1));

    assertArrayEquals(expected, numbers(session.step(tokens(4)).outputs()));
    assertArrayEquals(expected, numbers(other.step(tokens(4)).outputs()));
    session.step(tokens(5, 6));
    if (inFiles) {
      sessions.close();
      sessions = stored(version, options(10, 10));
      session = sessions.find("a");
    }
    assertEquals(List.of(3L), session.status().marks());
    session.rewind(3);
    assertEquals(3, session.status().step());
    assertArrayEquals(expected, numbers(session.step(tokens(4)).outputs()));
    Session last = session;
    assertReason(Reason.NO_MARK, () -> last.rewind(4));
    assertReason(Reason.EXISTS, () -> last.fork("b"));
    sessions.close();
  }

  @Test
  void marks_ofOneMoreThanThereMayBe_forgetTheOldest() {
    try (Sessions sessions = sessions(version("gru", 7, "1"), options(3, 3))) {
      Session session = sessions.open("a");
      for (int i = 0; i < 4; i++) {
        session.mark();
        session.mark();
        session.step(tokens(i));
      }
      assertEquals(List.of(2L, 3L), session.status().marks());
      session.restore(session.state(), 9);
      assertEquals(List.of(), session.status().marks());
      assertEquals(9, session.status().step());
    }
  }

  @Test
  void session_thatSomebodyHolds_isRefusedToAllOthers() {
    try (Sessions sessions = sessions(version("gru", 7, "1"), options(2, 2))) {
      Session session = sessions.open("a");
      Session same = sessions.find("a");
      try (Turn turn = session.begin()) {
        turn.step(tokens(1));
        assertReason(Reason.BUSY, () -> same.step(tokens(2)));
        assertReason(Reason.BUSY, same::end);
        assertReason(Reason.BUSY, () -> same.fork("b"));
        turn.step(tokens(2));
      }
      assertReason(Reason.MOVED, () -> same.step(tokens(3), 1));
      assertEquals(3, same.step(tokens(3), 2).step());
    }
  }

  @Test
  void turn_thatEndsItsSession_leavesTheNameFree() {
    ModelVersion version = version("gru", 7, "1");
    try (Sessions sessions = stored(version, options(2, 2))) {
      Session session = sessions.open("a");
      session.mark();
      try (Turn turn = session.begin()) {
        turn.step(tokens(1));
        turn.end();
        assertReason(Reason.UNKNOWN, session::begin);
        assertThrows(IllegalStateException.class, () -> turn.step(tokens(1)));
        assertThrows(IllegalStateException.class, turn::end);
        assertEquals(0, sessions.open("a").status().step());
      }
      assertEquals(1, sessions.size());
      assertEquals(1, sessions.find("a").step(tokens(2)).step(), "the old turn does not hold it");
    }
    try (Sessions sessions = stored(version, options(2, 2))) {
      assertEquals(1, sessions.find("a").status().step());
      assertEquals(List.of(), sessions.find("a").status().marks());
    }
  }

  /// Whoever writes beside the one that ends a session has written before its last step, or is refused.
  @Test
  void writers_besideOneThatEndsInItsTurn_stepNoSessionBehindItsLastStep() throws Exception {
    try (Sessions sessions = sessions(version("gru", 7, "1"), options(2, 2));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 200; round++) {
        Session session = sessions.open("a");
        Future<Long> other = threads.submit(() -> lastStep(session, false));
        long last = lastStep(session, true);
        long others = other.get();
        assertTrue(others < last, "round %d: %d, %d".formatted(round, others, last));
        assertEquals(0, sessions.size());
      }
    }
  }

  /// Steps a session until it has ended, or ends it itself behind a step.
  ///
  /// @return the last step that it made
  private static long lastStep(Session session, boolean ends) {
    long last = -1;
    while (true) {
      try (Turn turn = session.begin()) {
        last = turn.step(tokens(1)).step();
        if (ends) {
          turn.end();
          return last;
        }
      } catch (SessionException e) {
        if (e.reason() == Reason.UNKNOWN) {
          return last;
        }
        assertEquals(Reason.BUSY, e.reason());
        LockSupport.parkNanos(1000);
      }
    }
  }

  /// Of the many that come at the same step one is answered; all others leave the session as it is.
  @Test
  void writers_ofOneStep_haveOneWinner() throws Exception {
    ModelVersion version = version("gru", 7, "1");
    try (Sessions sessions = sessions(version, options(2, 2));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Session session = sessions.open("a");
      for (int step = 0; step < 50; step++) {
        int expected = step;
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          all.add(
              threads.submit(() -> {
                try {
                  session.step(tokens(expected % V), expected);
                  return true;
                } catch (SessionException e) {
                  boolean isOne = e.reason() == Reason.BUSY || e.reason() == Reason.MOVED;
                  assertTrue(isOne, e.toString());
                  return false;
                }
              }));
        }
        int winners = 0;
        for (Future<Boolean> each : all) {
          winners += each.get() ? 1 : 0;
        }
        assertEquals(1, winners, "step " + step);
      }
      assertEquals(50, session.status().step());
    }
  }

  @Test
  void rows_thatTheModelDoesNotRead_changeNothing() {
    ModelVersion version = version("gru", 7, "1");
    try (Sessions sessions = sessions(version, options(2, 2))) {
      Session session = sessions.open("a");
      session.step(tokens(1));
      for (Inputs bad :
          List.of(
              tokens(),
              tokens(2, V),
              tokens(-1),
              new Inputs.Vectors(Matrix.of(new float[] {1})),
              new Inputs.Columns(Matrix.of(new float[] {1})))) {
        assertThrows(Refusal.class, () -> session.step(bad));
      }
      assertArrayEquals(
          numbers(alone(version, 1, 2).outputs().rows(1, 1)),
          numbers(session.step(tokens(2)).outputs()));
      assertEquals(2, session.status().step());
      assertThrows(Refusal.class, () -> sessions.open("../../etc/passwd"));
      assertThrows(Refusal.class, () -> sessions.open("x".repeat(129)));
    }
  }

  @Test
  void vectors_thatAreNotFiniteOrOfAnotherWidth_areRefusedByPlace() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, 3);
    ModelVersion version =
        new ModelVersion("v", "1", NetworkModel.of(Network.create(spec, KERNELS, SEED)));
    try (Sessions sessions = sessions(version, options(2, 2))) {
      Session session = sessions.open("a");
      Refusal problem =
          assertThrows(
              Refusal.class,
              () ->
                  session.step(
                      new Inputs.Vectors(
                          Matrix.of(new float[] {1, 2}, new float[] {1, Float.NaN}))));
      assertEquals("rows[1][1]: expected a finite number, got NaN", problem.getMessage());
      assertThrows(
          Refusal.class, () -> session.step(new Inputs.Vectors(Matrix.of(new float[] {1}))));
      Answer answer = session.step(new Inputs.Vectors(Matrix.of(new float[] {1, 2})));
      assertEquals(1, answer.step());
    }
  }

  /// The network says of the first row where a sequence starts.
  @Test
  void session_ofANetworkThatStartsFromItsRows_startsThere() {
    Encoder columns = new Encoder.Columns(2, List.of(new Encoder.Embedding(4, 2)));
    NetworkSpec spec = new NetworkSpec(Cells.gru(), columns, 4, 1, 3).with(new StaticStart(1, 1));
    Network network = Network.create(spec, KERNELS, SEED);
    ModelVersion version = new ModelVersion("c", "1", NetworkModel.of(network));
    Inputs rows =
        new Inputs.Columns(Matrix.of(new float[] {1, 2}, new float[] {3, 2}), new int[] {3, 3});
    double[] expected = numbers(new Runner(network).runWhole(rows, 2));
    try (Sessions sessions = sessions(version, options(3, 3))) {
      Session parts = sessions.open("a");
      double[] first = numbers(parts.step(rows.part(0, 1)).outputs());
      double[] second = numbers(parts.step(rows.part(1, 1)).outputs());

      assertArrayEquals(expected, numbers(sessions.open("b").step(rows).outputs()));
      assertArrayEquals(Arrays.copyOf(expected, first.length), first);
      assertArrayEquals(Arrays.copyOfRange(expected, first.length, expected.length), second);
    }
  }

  /// It has read nothing by its count, and yet a state was given.
  @Test
  void state_givenAtStepZero_isGoneOnFrom() {
    Encoder columns = new Encoder.Columns(2, List.of(new Encoder.Embedding(4, 2)));
    NetworkSpec spec = new NetworkSpec(Cells.gru(), columns, 4, 1, 3).with(new StaticStart(1, 1));
    Network network = Network.create(spec, KERNELS, SEED);
    ModelVersion version = new ModelVersion("c", "1", NetworkModel.of(network));
    Inputs row = new Inputs.Columns(Matrix.of(new float[] {1, 2}), new int[] {3});
    Sessions sessions = stored(version, options(5, 5));
    Session source = sessions.open("a");
    source.mark();
    source.step(row);
    State state = source.state();
    sessions.open("b").restore(state, 0);
    double[] expected = numbers(new Runner(network).run(row, state).outputs());
    double[] fresh = numbers(new Runner(network).runWhole(row, 1));
    sessions.close();

    sessions = stored(version, options(5, 5));
    assertArrayEquals(expected, numbers(sessions.find("b").step(row).outputs()));
    sessions.find("a").rewind(0);
    assertArrayEquals(fresh, numbers(sessions.find("a").step(row).outputs()));
    sessions.close();
  }

  @Test
  void versions_thatNoSessionNeeds_leaveTheFolder() throws Exception {
    Sessions sessions = stored(version("lstm", 7, "1"), options(5, 5));
    sessions.open("a").step(tokens(1));
    for (int i = 2; i < 6; i++) {
      sessions.use(version("lstm", 7, "" + i));
    }
    sessions.use(version("gru", 9, "9"));
    try (Stream<Path> files = Files.list(folder.resolve("versions"))) {
      assertEquals(
          List.of("5.safetensors", "9.safetensors"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    sessions.close();
    // The record of its last step names version 1, which is no more; 5 has states of that shape.
    sessions = stored(version("gru", 9, "9"), options(5, 5));
    assertEquals("5", sessions.find("a").step(tokens(2)).version());
    sessions.close();
  }

  @Test
  void names_asked_comeInOrderBehindOne() {
    try (Sessions sessions = sessions(version("gru", 7, "1"), options(20, 20))) {
      new Random(SEED)
          .ints(40, 0, 20)
          .distinct()
          .forEach(i -> sessions.open("s" + (char) ('a' + i)));
      List<String> all = sessions.ids("", 100);
      assertEquals(sessions.size(), all.size());
      assertEquals(all.stream().sorted().toList(), all);
      assertEquals(all.subList(3, 8), sessions.ids(all.get(2), 5));
      assertEquals(List.of(), sessions.ids("z", 5));
    }
  }

  @Test
  void session_thatNobodyUses_endsAndSaysWhen() {
    try (Sessions sessions = sessions(version("gru", 7, "1"), options(1, 1))) {
      Session session = sessions.open("a");
      assertReason(Reason.FULL, () -> sessions.open("b"));
      now.addAndGet(59_000);
      session.step(tokens(1));
      now.addAndGet(60_000);
      SessionException problem =
          assertThrows(SessionException.class, () -> session.step(tokens(1)));
      assertEquals(Reason.ENDED, problem.reason());
      assertTrue(
          problem.getMessage().endsWith("expired at 2001-09-09T01:48:39Z"), problem::getMessage);
      assertReason(Reason.UNKNOWN, () -> sessions.find("b"));
      sessions.open("b");
      now.addAndGet(60_000);
      sessions.sweep();
      assertEquals(0, sessions.size());
      assertEquals(2, sessions.statistics().ended());
      assertReason(Reason.ENDED, () -> sessions.find("b"));
      sessions.open("a").end();
      assertReason(Reason.UNKNOWN, () -> sessions.find("a"));
    }
  }

  @Test
  void session_thatNobodyUses_leavesMemoryForTheFilesAndEndsThereLater() {
    ModelVersion version = version("gru", 7, "1");
    Sessions sessions = stored(version, options(5, 5));
    sessions.open("a").step(tokens(1, 2));
    sessions.find("a").mark();
    sessions.open("b");
    now.addAndGet(60_000);
    sessions.sweep();
    assertEquals(0, sessions.statistics().resident());
    assertFalse(sessions.find("a").status().isResident());
    assertArrayEquals(
        numbers(alone(version, 1, 2, 3).outputs().rows(2, 1)),
        numbers(sessions.find("a").step(tokens(3)).outputs()));
    now.addAndGet(3_599_000);
    sessions.sweep();
    assertEquals(List.of("a"), sessions.ids("", 9));
    sessions.close();
    sessions = stored(version, options(5, 5));
    assertEquals(List.of("a"), sessions.ids("", 9));
    now.addAndGet(1_000);
    sessions.sweep();
    assertEquals(0, sessions.size());
    sessions.close();
    sessions = stored(version, options(5, 5));
    assertEquals(0, sessions.size());
    sessions.close();
  }

  @Test
  void version_withStatesAlike_isTakenAtTheNextTurn() {
    ModelVersion first = version("lstm", 7, "1");
    ModelVersion second = version("lstm", 7, "2");
    try (Sessions sessions = sessions(first, options(5, 5))) {
      Session session = sessions.open("a");
      Outcome before = alone(first, 1, 2);
      try (Turn turn = session.begin()) {
        turn.step(tokens(1));
        sessions.use(second);
        assertEquals("1", turn.step(tokens(2)).version());
      }
      Answer answer = session.step(tokens(3));

      assertEquals("2", answer.version());
      assertEquals("2", sessions.version().version());
      assertArrayEquals(
          numbers(new Runner(second.network()).run(tokens(3), before.state()).outputs()),
          numbers(answer.outputs()));
      assertThrows(
          Refusal.class, () -> sessions.use(new ModelVersion("other", "3", second.model())));
    }
  }

  /// Also after a start anew with the newer version alone: the folder keeps the older one.
  @Test
  void version_withOtherStates_leavesOpenSessionsWithTheirs() {
    ModelVersion first = version("lstm", 7, "1");
    ModelVersion second = version("gru", 9, "2");
    Sessions sessions = stored(first, options(5, 1));
    sessions.open("a").step(tokens(1, 2));
    sessions.open("x").mark();
    sessions.use(second);
    Session own = sessions.open("b");
    assertEquals("2", own.step(tokens(1)).version());
    sessions.close();

    sessions = stored(second, options(5, 1));
    Answer old = sessions.find("a").step(tokens(3));
    Answer young = sessions.find("b").step(tokens(2));

    assertEquals("1", old.version());
    assertArrayEquals(numbers(alone(first, 1, 2, 3).outputs().rows(2, 1)), numbers(old.outputs()));
    assertEquals("2", young.version());
    assertArrayEquals(numbers(alone(second, 1, 2).outputs().rows(1, 1)), numbers(young.outputs()));
    sessions.find("a").fork("c");
    assertEquals("1", sessions.find("c").status().version());
    sessions.close();
  }

  @Test
  void session_withAVersionOfItsOwn_runsItUntilItIsTakenAway() {
    ModelVersion shared = version("lstm", 7, "1");
    ModelVersion own = version("lstm", 7, "own");
    Sessions sessions = stored(shared, options(5, 1));
    Session session = sessions.open("a");
    try (Turn turn = session.begin()) {
      assertThrows(Refusal.class, () -> turn.pin(version("lstm", 8, "3")));
      turn.step(tokens(1));
      turn.pin(own);
      assertEquals("own", turn.version().version());
    }
    State state = alone(shared, 1).state();
    sessions.use(version("lstm", 7, "2"));
    sessions.open("b").step(tokens(1));
    assertFalse(session.status().isResident());
    Answer answer = session.step(tokens(2));

    assertEquals("own", answer.version());
    assertArrayEquals(
        numbers(new Runner(own.network()).run(tokens(2), state).outputs()),
        numbers(answer.outputs()));
    assertEquals("own", session.status().version());
    assertEquals("2", session.fork("c").status().version());
    try (Turn turn = session.begin()) {
      turn.unpin();
      assertEquals("2", turn.step(tokens(3)).version());
    }
    sessions.close();
  }

  @Test
  void version_replacedByTwoAtOnce_isTheFirstOnes() {
    ModelVersion first = version("lstm", 7, "1");
    try (Sessions sessions = sessions(first, options(5, 5))) {
      assertTrue(sessions.replace(first, version("lstm", 7, "2")));
      assertFalse(sessions.replace(first, version("lstm", 7, "3")));
      assertEquals("2", sessions.version().version());
    }
  }

  @Test
  void folder_thatAnotherStoreUses_isRefused() {
    ModelVersion version = version("gru", 7, "1");
    try (Sessions sessions = stored(version, options(5, 5))) {
      assertThrows(Refusal.class, () -> stored(version, options(5, 5)));
      assertEquals(0, sessions.size());
    }
    stored(version, options(5, 5)).close();
  }

  @Test
  void store_thatIsClosed_refusesAll() {
    Sessions sessions = sessions(version("gru", 7, "1"), options(5, 5));
    Session session = sessions.open("a");
    sessions.close();
    assertReason(Reason.CLOSED, () -> session.step(tokens(1)));
    assertReason(Reason.CLOSED, () -> sessions.open("b"));
  }

  @Test
  void store_thatIsClosedDuringATurn_saysSoAndNotThatItsFilesFail() {
    Sessions sessions = stored(version("gru", 7, "1"), options(5, 5));
    try (Turn turn = sessions.open("a").begin()) {
      sessions.close();
      assertReason(Reason.CLOSED, () -> turn.step(tokens(1)));
      assertReason(Reason.CLOSED, turn::end);
    }
  }

  @Test
  void state_savedAndRead_goesOnAsItWould() throws Exception {
    ModelVersion version = version("lstm", 7, "1");
    Path file = folder.resolve("a.safetensors");
    try (Sessions sessions = sessions(version, options(5, 5))) {
      Session session = sessions.open("a");
      session.step(tokens(1, 2));
      session.save(file);
      State state = StateFile.load(file, version.network().spec(), Precision.FLOAT);
      Session other = sessions.open("b");
      other.restore(state, 2);
      assertArrayEquals(
          numbers(session.step(tokens(3)).outputs()), numbers(other.step(tokens(3)).outputs()));
      assertThrows(
          Refusal.class, () -> other.restore(version("lstm", 8, "1").network().zeroState(1), 2));
      assertThrows(Refusal.class, () -> other.restore(version.network().zeroState(2), 2));
      assertEquals(3, other.status().step());
    }
    assertTrue(Files.size(file) > 0);
  }

  /// With room for one state in memory, each step of the one leaves the other to the files.
  @Test
  void version_ofASessionsOwn_staysWhenItsStateIsLeftToAFile() {
    ModelVersion served = version("gru", 7, "1");
    ModelVersion own = version("gru", 7, "1+1");
    int[] tokens = stream(0, 20);
    Matrix expected = alone(own, tokens).outputs();
    try (Sessions sessions = stored(served, options(2, 1))) {
      Session session = sessions.open("a");
      Session other = sessions.open("b");
      try (Turn turn = session.begin()) {
        turn.pin(own);
      }
      for (int t = 0; t < tokens.length; t++) {
        other.step(tokens(1));
        assertFalse(session.status().isResident());
        Answer answer = session.step(tokens(tokens[t]));
        assertEquals("1+1", answer.version());
        assertArrayEquals(numbers(expected.rows(t, 1)), numbers(answer.outputs()));
      }
    }
  }

  @Test
  void version_ofASessionsOwn_thatIsLost_isReplacedByNoOtherWithoutAWord() {
    ModelVersion served = version("gru", 7, "1");
    ModelVersion own = version("gru", 7, "1+1");
    Outcome expected = alone(own, 1, 2);
    try (Sessions sessions = stored(served, options(9, 9))) {
      try (Turn turn = sessions.open("a").begin()) {
        turn.pin(own);
        turn.step(tokens(1, 2));
      }
      try (Turn turn = sessions.open("unstepped").begin()) {
        turn.pin(own);
      }
    }
    for (int i = 0; i < 2; i++) {
      try (Sessions sessions = stored(served, options(9, 9))) {
        Session session = sessions.find("a");
        assertReason(Reason.OWN_LOST, () -> session.step(tokens(3)));
        assertEquals(2, session.status().step());
        assertArrayEquals(
            numbers(expected.state().layers().getFirst().getFirst()),
            numbers(session.state().layers().getFirst().getFirst()));
        session.mark();
        session.rewind(2);
        assertReason(Reason.OWN_LOST, () -> session.step(tokens(3)));
        assertEquals("1", session.fork("fork" + i).step(tokens(3)).version());
        assertEquals("1", sessions.find("unstepped").step(tokens(3)).version());
      }
    }
    try (Sessions sessions = stored(served, options(9, 9))) {
      try (Turn turn = sessions.find("a").begin()) {
        assertTrue(turn.hasLostOwn());
        turn.unpin();
        assertFalse(turn.hasLostOwn());
      }
    }
    // That somebody has said so is in the files, before the next step is.
    try (Sessions sessions = stored(served, options(9, 9))) {
      Session session = sessions.find("a");
      assertEquals("1", session.step(tokens(3)).version());
      try (Turn turn = session.begin()) {
        turn.pin(own);
        turn.step(tokens(4));
      }
    }
    try (Sessions sessions = stored(served, options(9, 9))) {
      Session session = sessions.find("a");
      assertReason(Reason.OWN_LOST, () -> session.step(tokens(3)));
      try (Turn turn = session.begin()) {
        turn.pin(own);
        assertEquals("1+1", turn.step(tokens(3)).version());
      }
    }
  }
}
