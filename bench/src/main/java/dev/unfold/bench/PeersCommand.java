package dev.unfold.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.report.Build;
import dev.unfold.bench.report.Findings;
import dev.unfold.bench.report.FindingsFile;
import dev.unfold.bench.report.Machine;
import dev.unfold.bench.report.Point;
import dev.unfold.bench.report.Table;
import dev.unfold.bench.ring.RingPeersCommand;
import dev.unfold.bench.serve.ServePeersCommand;
import dev.unfold.bench.worker.WorkerProcess;
import dev.unfold.kernels.work.Team;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench peers`
@Command(
    name = "peers",
    usageHelpWidth = 100,
    sortOptions = false,
    subcommands = {ServePeersCommand.class, RingPeersCommand.class},
    description = {
      "Compares Unfold with other libraries.",
      "",
      "training: a step is forward and full backward of one layer, with the gradients of weights,"
          + " biases, input and initial state, no optimizer; I = H. The column of peak says which"
          + " share of the machine's peak of multiply-adds Unfold's own step has.",
      "inference: T calls of one step each, the state fed back.",
      "whole_training: an update of a language model: an embedding, one layer, a readout of V"
          + " outputs with softmax cross-entropy, the gradients of everything, clipped to a norm of"
          + " 1, and Adam.",
      "",
      "Each library runs in a process of its own. They are checked to compute the same before they"
          + " are timed, in turns, after a warm-up. A ratio says how many times longer the other"
          + " library takes."
    },
    footer = {
      "",
      "Example: unfold bench peers --cells lstm --hidden 256 --batch 1,32 --json peers.json"
    })
final class PeersCommand implements Runnable {
  private static final double WARMUP = 5;
  private static final double SECONDS = 2;
  private static final double QUICK_WARMUP = 4.0;
  private static final double QUICK_SECONDS = 0.5;

  @Spec private CommandSpec spec;

  // Picocli asks the option, not the field.
  @SuppressWarnings("UnusedVariable")
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean isHelp;

  @Mixin private Grid grid;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Which of ${COMPLETION-CANDIDATES} (default: all but unfold and own_cell). own_cell is"
            + " Unfold with a cell that a user has written, unfold_bf16 and unfold_fixed16 are"
            + " Unfold with weights of 16 bits, at inference. unfold is always there; who names it"
            + " gets also the tasks that no other of these has."
      })
  private List<PeerKind> peers = PeerKind.usual();

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description =
          "How long each library runs at each point before it is timed (default: "
              + WARMUP
              + "; with --quick "
              + QUICK_WARMUP
              + ").")
  private Double warmup;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "How long to time each library at each point (default: "
              + SECONDS
              + "; with --quick "
              + QUICK_SECONDS
              + ").")
  private Double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: one for each processor).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write all numbers here, after each point.")
  private Path json;

  @Option(
      names = "--resume",
      description =
          "Go on with the run whose points are in the file of --json, if there is one: they are not"
              + " run again. Machine, Java, versions, --threads, --warmup and --seconds have to be"
              + " the same.")
  private boolean isResumed;

  @Override
  public void run() {
    double before = warmup != null ? warmup : grid.isQuick() ? QUICK_WARMUP : WARMUP;
    double timed = seconds != null ? seconds : grid.isQuick() ? QUICK_SECONDS : SECONDS;
    check(before, timed);
    Map<Task, List<PeerKind>> others = new EnumMap<>(Task.class);
    Map<Task, List<Shape>> plan = new EnumMap<>(Task.class);
    for (Task task : Task.values()) {
      others.put(task, others(task));
      plan.put(task, grid.shapes(task));
    }
    Machine machine = Machine.here();
    Findings nothing =
        new Findings(
            command(), machine, Build.here(), threads, before, timed, List.of(), List.of());
    Ledger ledger = new Ledger(nothing, json == null ? null : new FindingsFile(json));
    WorkerProcess.Place place = new WorkerProcess.Place(Scratch.create().folder(), threads);
    Comparison comparison = new Comparison(place, before, timed);
    if (isResumed) {
      ledger.resume(plan, others, comparison::version);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s, %d processors; %s; Java %s; %d threads%n",
        machine.processor(), machine.processors(), machine.system(), machine.java(), threads);
    for (Task task : Task.values()) {
      // Nothing to compare, unless Unfold itself is asked for.
      boolean has = !others.get(task).isEmpty() || peers.contains(PeerKind.UNFOLD);
      if (has && !plan.get(task).isEmpty()) {
        run(task, plan.get(task), others.get(task), comparison, ledger);
      }
    }
    ledger.write();
  }

  /// The libraries that are compared at `task`; Unfold is at every one.
  private List<PeerKind> others(Task task) {
    return peers.stream()
        .filter(peer -> peer != PeerKind.UNFOLD && peer.tasks().contains(task))
        .distinct()
        .toList();
  }

  private void run(
      Task task, List<Shape> shapes, List<PeerKind> others, Comparison comparison, Ledger ledger) {
    List<String> names =
        Stream.concat(Stream.of(PeerKind.UNFOLD), others.stream()).map(PeerKind::label).toList();
    Table table = new Table(spec.commandLine().getOut(), task, names);
    table.begin(title(task));
    for (Shape shape : shapes) {
      Optional<Point> earlier = ledger.at(shape);
      Point point = earlier.isPresent() ? earlier.get() : comparison.run(shape, others);
      table.add(point);
      if (earlier.isEmpty()) {
        ledger.add(point);
      }
    }
    table.end(
        ledger.findings().summaries().stream().filter(summary -> summary.task() == task).toList());
  }

  private String title(Task task) {
    return switch (task) {
      case TRAINING -> "Training step, T = %d, milliseconds".formatted(grid.steps());
      case INFERENCE ->
          "Inference, %d steps of one call each, the state fed back, milliseconds"
              .formatted(grid.steps());
      case WHOLE_TRAINING ->
          "Whole training, an update of a language model, T = %d, milliseconds"
              .formatted(grid.steps());
    };
  }

  private String command() {
    return "unfold bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
  }

  private void check(double before, double timed) {
    check("warmup", before);
    check("seconds", timed);
    if (threads < 1 || threads > Team.MOST) {
      throw new Refusal("threads", "1 to " + Team.MOST, threads);
    }
    if (json != null) {
      new FindingsFile(json).expectWritable();
    }
    if (isResumed && json == null) {
      throw new Refusal("resume", "--json FILE beside it", "none");
    }
  }

  private static void check(String name, double seconds) {
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new Refusal(name, "0 to 3600", seconds);
    }
  }
}
