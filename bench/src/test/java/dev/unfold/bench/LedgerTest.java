package dev.unfold.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.Agreement;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.report.Entry;
import dev.unfold.bench.report.Findings;
import dev.unfold.bench.report.FindingsFile;
import dev.unfold.bench.report.Machine;
import dev.unfold.bench.report.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LedgerTest {
  private static final Shape FIRST = shape(8);
  private static final Shape SECOND = shape(16);
  private static final Machine MACHINE = new Machine("processor", 2, 1L << 33, "system", "java");

  @TempDir private Path folder;

  private static Shape shape(int width) {
    return new Shape(Task.TRAINING, CellKind.LSTM, width, 2, 4, Start.RANDOM);
  }

  private static Point point(Shape shape) {
    Entry unfold =
        new Entry(
            "unfold",
            "Unfold",
            "",
            null,
            new Entry.Timing(2, 0.1, 0.5, 7, 1),
            new Entry.Peak(100, 0.5),
            null);
    Agreement check = new Agreement(1e-5, Double.NaN, List.of("output"), List.of());
    Entry onednn = new Entry("onednn", "oneDNN 3", "ref", check, null, null, "differs");
    return new Point(shape, List.of(unfold, onednn));
  }

  private static Findings findings(double seconds) {
    return new Findings("command", MACHINE, "build", 2, 1, seconds, List.of(), List.of());
  }

  private FindingsFile file() {
    return new FindingsFile(folder.resolve("peers.json"));
  }

  private Ledger resumed(Findings findings, List<Shape> plan, List<PeerKind> peers, String oneDnn) {
    Ledger ledger = new Ledger(findings, file());
    ledger.resume(
        Map.of(Task.TRAINING, plan),
        Map.of(Task.TRAINING, peers),
        (peer, _) -> peer == PeerKind.UNFOLD ? "Unfold" : oneDnn);
    return ledger;
  }

  private Ledger resumed() {
    return resumed(findings(3), List.of(FIRST, SECOND), List.of(PeerKind.ONEDNN), "oneDNN 3");
  }

  private static void expectRefusal(String expected, Runnable work) {
    String message = assertThrows(IllegalArgumentException.class, work::run).getMessage();
    assertTrue(message.startsWith("resume: expected " + expected), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void ledger_ofAFile_goesOnWithTheSameNumbers() {
    new Ledger(findings(3), file()).add(point(FIRST));

    Ledger ledger = resumed();
    assertEquals(point(FIRST), ledger.at(FIRST).orElseThrow());
    assertTrue(ledger.at(SECOND).isEmpty());

    ledger.add(point(SECOND));
    assertEquals(List.of(point(FIRST), point(SECOND)), file().read().points());
    assertFalse(Files.exists(folder.resolve("peers.json.part")));
  }

  @Test
  void ledger_withoutAFile_startsFromNothing() {
    assertTrue(resumed().findings().points().isEmpty());
  }

  @Test
  void ledger_ofAnotherRun_isRefused() {
    new Ledger(findings(3), file()).add(point(FIRST));
    List<PeerKind> peers = List.of(PeerKind.ONEDNN);

    expectRefusal(
        "a file of --seconds, 4.0, got 3.0",
        () -> resumed(findings(4), List.of(FIRST), peers, "oneDNN 3"));
    expectRefusal(
        "a file with no points but those that are asked for, got training, lstm H=8 B=2 T=4",
        () -> resumed(findings(3), List.of(SECOND), peers, "oneDNN 3"));
    expectRefusal(
        "a file with --peers unfold,pytorch, got unfold,onednn",
        () -> resumed(findings(3), List.of(FIRST), List.of(PeerKind.PYTORCH), "oneDNN 3"));
    expectRefusal(
        "a file with oneDNN 4, got oneDNN 3",
        () -> resumed(findings(3), List.of(FIRST), peers, "oneDNN 4"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "[]", "{\"points\": 1}"})
  void ledger_ofSomeOtherFile_isRefused(String text) throws IOException {
    Files.writeString(file().path(), text);

    expectRefusal("a file that --json has written", this::resumed);
  }
}
