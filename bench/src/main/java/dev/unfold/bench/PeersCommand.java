package dev.unfold.bench;

import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.report.Findings;
import dev.unfold.bench.report.Machine;
import dev.unfold.bench.report.Mean;
import dev.unfold.bench.report.Point;
import dev.unfold.bench.report.Table;
import dev.unfold.bench.worker.WorkerProcess;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.LayerStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// `unfold bench peers`
@Command(
    name = "peers",
    description = {
      "Compares Unfold with other libraries.",
      "",
      "A training step is forward and full backward of one layer, with the gradients of weights,"
          + " biases, input and initial state, no optimizer; I = H. Each library runs in a process"
          + " of its own. They are checked to compute the same before they are timed, in turns,"
          + " after a warm-up. A ratio says how many times longer the other library takes."
    },
    footer = {
      "",
      "Example: unfold bench peers --cells lstm --hidden 256 --batch 1,32 --json peers.json"
    })
final class PeersCommand implements Runnable {
  private static final long MOST_NUMBERS = 1L << 29;

  @Spec private CommandSpec spec;

  @Option(
      names = "--cells",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "elman,gru,lstm",
      description = "elman, gru, lstm (default: ${DEFAULT-VALUE}).")
  private List<CellKind> cells;

  @Option(
      names = "--hidden",
      split = ",",
      paramLabel = "H",
      defaultValue = "128,256,512,1024",
      description = "Hidden units, and width of the input (default: ${DEFAULT-VALUE}).")
  private List<Integer> hidden;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "B",
      defaultValue = "1,32,128",
      description = "Sequences side by side (default: ${DEFAULT-VALUE}).")
  private List<Integer> batch;

  @Option(
      names = "--steps",
      paramLabel = "T",
      defaultValue = "64",
      description = "Steps (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--inference-hidden",
      split = ",",
      paramLabel = "H",
      defaultValue = "256",
      description =
          "Hidden units of the LSTM whose inference is compared, at B = 1 (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Integer> inferenceHidden;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Which of ${COMPLETION-CANDIDATES} (default: all other libraries). own_cell is Unfold with"
            + " a cell that a user has written."
      })
  private List<PeerKind> peers = PeerKind.libraries();

  @Option(
      names = "--warmup",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "How long each library runs at each point before it is timed (default:"
              + " ${DEFAULT-VALUE}).")
  private double warmup;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "How long to time each library at each point (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: one for each processor).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", paramLabel = "FILE", description = "Also write all numbers here.")
  private Path json;

  @Override
  public void run() {
    check();
    PrintWriter out = spec.commandLine().getOut();
    Machine machine = Machine.here();
    out.printf(
        "%s, %d processors; %s; Java %s; %d threads%n",
        machine.processor(), machine.processors(), machine.system(), machine.java(), threads);
    WorkerProcess.Place place = new WorkerProcess.Place(Scratch.create().folder(), threads);
    Comparison comparison = new Comparison(place, warmup, seconds);
    List<Point> training = run(out, comparison, Task.TRAINING, trainingShapes());
    List<Point> inference = run(out, comparison, Task.INFERENCE, inferenceShapes());
    Findings findings =
        new Findings(
            command(),
            machine,
            threads,
            warmup,
            seconds,
            Stream.concat(training.stream(), inference.stream()).toList(),
            means(Task.TRAINING, training),
            means(Task.INFERENCE, inference));
    if (json != null) {
      write(findings);
    }
  }

  /// The libraries that are compared at `task`; Unfold is at every one.
  private List<PeerKind> others(Task task) {
    return peers.stream()
        .filter(peer -> peer != PeerKind.UNFOLD && peer.task() == task)
        .distinct()
        .toList();
  }

  private List<Shape> trainingShapes() {
    List<Shape> shapes = new ArrayList<>();
    for (CellKind cell : cells) {
      for (int width : hidden) {
        for (int rows : batch) {
          shapes.add(new Shape(Task.TRAINING, cell, width, rows, steps, Start.RANDOM));
        }
      }
    }
    return shapes;
  }

  private List<Shape> inferenceShapes() {
    return inferenceHidden.stream()
        .map(width -> new Shape(Task.INFERENCE, CellKind.LSTM, width, 1, steps, Start.RANDOM))
        .toList();
  }

  private List<Point> run(PrintWriter out, Comparison comparison, Task task, List<Shape> shapes) {
    List<PeerKind> others = others(task);
    List<Point> points = new ArrayList<>();
    // Nothing to compare, unless Unfold's own training is asked for.
    if (others.isEmpty() && (task == Task.INFERENCE || !peers.contains(PeerKind.UNFOLD))) {
      return points;
    }
    Table table =
        new Table(
            out,
            Stream.concat(Stream.of(PeerKind.UNFOLD), others.stream())
                .map(PeerKind::label)
                .toList());
    table.begin(
        task == Task.TRAINING
            ? "Training step, T = " + steps + ", milliseconds"
            : "Inference, " + steps + " steps of one call each, the state fed back, milliseconds");
    for (Shape shape : shapes) {
      Point point = comparison.run(shape, others);
      table.add(point);
      points.add(point);
    }
    table.end(means(task, points));
    return points;
  }

  private List<Mean> means(Task task, List<Point> points) {
    return others(task).stream().flatMap(peer -> Mean.of(peer.label(), points).stream()).toList();
  }

  private String command() {
    return "unfold bench peers "
        + String.join(" ", spec.commandLine().getParseResult().originalArgs());
  }

  private void check() {
    check("warmup", warmup);
    check("seconds", seconds);
    for (int width : hidden) {
      for (int rows : batch) {
        check(width, rows);
      }
    }
    for (int width : inferenceHidden) {
      check(width, 1);
    }
    if (threads < 1 || threads > Team.MOST) {
      throw new IllegalArgumentException(
          "threads: expected 1 to " + Team.MOST + ", got " + threads);
    }
    if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
      throw new IllegalArgumentException(
          "json: expected a file in a folder that exists, got " + json);
    }
  }

  private static void check(String name, double seconds) {
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new IllegalArgumentException(name + ": expected 0 to 3600, got " + seconds);
    }
  }

  private void check(int width, int rows) {
    int all = new LayerStep.Sizes(1, width, rows, steps).rows();
    if ((long) all * width > MOST_NUMBERS || (long) width * width * 4 > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "hidden: expected at most 2^29 numbers in T*B*H and 4*H*H, got T=%d, B=%d, H=%d"
              .formatted(steps, rows, width));
    }
  }

  private void write(Findings findings) {
    JsonMapper mapper =
        JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    try {
      Files.writeString(json, mapper.writeValueAsString(findings) + System.lineSeparator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
