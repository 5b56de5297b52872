package dev.unfold.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.report.Entry;
import dev.unfold.bench.report.Findings;
import dev.unfold.bench.report.FindingsFile;
import dev.unfold.bench.report.Point;
import dev.unfold.bench.worker.PeerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/// What a run has found so far, in a file after each point if there is to be one. A run that was interrupted goes on
/// from there.
final class Ledger {
  private final FindingsFile file;
  private Findings findings;

  /// @param findings without points
  /// @param file null for none
  Ledger(Findings findings, FindingsFile file) {
    this.findings = findings;
    this.file = file;
  }

  /// Takes over the points that the file has, if there is one.
  ///
  /// @param plan the points of each task that are asked for
  /// @param peers those that are compared at a task, beside Unfold
  /// @param versions tells the version of a library, for a point
  ///
  /// **Errors**: [IllegalArgumentException] if they are of another machine, of other options or libraries, or if there
  /// are others than those that are asked for, which would be lost.
  void resume(
      Map<Task, List<Shape>> plan,
      Map<Task, List<PeerKind>> peers,
      BiFunction<PeerKind, Shape, String> versions) {
    if (!file.exists()) {
      return;
    }
    Findings earlier = file.read();
    findings.expectGoesOn(earlier);
    for (Point point : earlier.points()) {
      Shape shape = point.shape();
      if (!plan.get(shape.task()).contains(shape)) {
        throw new Refusal(
            "resume",
            "a file with no points but those that are asked for",
            "%s, %s".formatted(shape.task().label(), shape));
      }
      List<String> asked =
          Stream.concat(Stream.of(PeerKind.UNFOLD), peers.get(shape.task()).stream())
              .map(PeerKind::label)
              .toList();
      List<String> there = point.entries().stream().map(Entry::peer).toList();
      if (!asked.equals(there)) {
        throw new Refusal("resume", "a file with --peers " + list(asked), list(there));
      }
    }
    expectVersions(earlier.points(), versions);
    findings = findings.with(earlier.points());
  }

  private static String list(List<String> peers) {
    return String.join(",", peers);
  }

  private static void expectVersions(
      List<Point> points, BiFunction<PeerKind, Shape, String> versions) {
    Set<List<String>> known = new HashSet<>();
    for (Point point : points) {
      for (Entry entry : point.entries()) {
        if (entry.version() == null || !known.add(List.of(entry.peer(), entry.version()))) {
          continue;
        }
        PeerKind peer = PeerKind.valueOf(entry.peer().toUpperCase(Locale.ROOT));
        String here = version(peer, point.shape(), versions);
        if (!here.equals(entry.version())) {
          throw new Refusal("resume", "a file with " + here, entry.version());
        }
      }
    }
  }

  private static String version(
      PeerKind peer, Shape shape, BiFunction<PeerKind, Shape, String> versions) {
    try {
      return versions.apply(peer, shape);
    } catch (PeerException e) {
      return "%s that %s".formatted(peer.label(), e.getMessage());
    }
  }

  /// The point at `shape`, if it was run before.
  Optional<Point> at(Shape shape) {
    return findings.at(shape);
  }

  /// Adds a point.
  void add(Point point) {
    List<Point> points = new ArrayList<>(findings.points());
    points.add(point);
    findings = findings.with(points);
    write();
  }

  /// Writes the file, if there is to be one.
  void write() {
    if (file != null) {
      file.write(findings);
    }
  }

  /// All of it.
  Findings findings() {
    return findings;
  }
}
