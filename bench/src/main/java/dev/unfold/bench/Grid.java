package dev.unfold.bench;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.TextProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/// Options that say at which points libraries are compared.
final class Grid {
  private static final long MOST_NUMBERS = 1L << 29;
  private static final String HIDDEN = "32,64,128,256,512,1024";
  private static final String BATCH = "1,32,128";
  private static final String STEPS = "64";
  private static final String INFERENCE_HIDDEN = "128,256,512";
  private static final String INFERENCE_BATCH = "1,8,32";
  private static final String WHOLE_HIDDEN = "64,128,256";
  private static final String WHOLE_BATCH = "32";
  private static final String WHOLE_VOCABULARY = "65,10000";
  private static final String QUICK = "; with --quick ";
  private static final String QUICK_HIDDEN = "128,512";
  private static final String QUICK_BATCH = "32";
  private static final String QUICK_INFERENCE_BATCH = "1";
  private static final String QUICK_INFERENCE_HIDDEN = "256";
  private static final String QUICK_WHOLE_HIDDEN = "128";
  private static final String DEFAULT = " (default: ${DEFAULT-VALUE}).";

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "training,inference,whole_training",
      description = "training, inference, whole_training" + DEFAULT)
  private List<Task> tasks;

  @Option(
      names = "--cells",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "elman,gru,lstm",
      description = "elman, gru, lstm" + DEFAULT)
  private List<CellKind> cells;

  @Option(
      names = "--hidden",
      split = ",",
      paramLabel = "H",
      description =
          "Hidden units, and width of the input (default: " + HIDDEN + QUICK + QUICK_HIDDEN + ").")
  private List<Integer> hidden;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "B",
      description = "Sequences side by side (default: " + BATCH + QUICK + QUICK_BATCH + ").")
  private List<Integer> batch;

  @Option(
      names = "--steps",
      paramLabel = "T",
      defaultValue = STEPS,
      description = "Steps, of all tasks" + DEFAULT)
  private int steps;

  @Option(
      names = "--inference-cells",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "lstm,gru",
      description = "Cells whose inference is compared" + DEFAULT)
  private List<CellKind> inferenceCells;

  @Option(
      names = "--inference-hidden",
      split = ",",
      paramLabel = "H",
      description =
          "Their hidden units (default: "
              + INFERENCE_HIDDEN
              + QUICK
              + QUICK_INFERENCE_HIDDEN
              + ").")
  private List<Integer> inferenceHidden;

  @Option(
      names = "--inference-batch",
      split = ",",
      paramLabel = "B",
      description =
          "Their sequences side by side (default: "
              + INFERENCE_BATCH
              + QUICK
              + QUICK_INFERENCE_BATCH
              + ").")
  private List<Integer> inferenceBatch;

  @Option(
      names = "--whole-cells",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "lstm",
      description = "Cells of the language models whose whole training is compared" + DEFAULT)
  private List<CellKind> wholeCells;

  @Option(
      names = "--whole-hidden",
      split = ",",
      paramLabel = "H",
      description =
          "Their hidden units, and width of their embedding (default: "
              + WHOLE_HIDDEN
              + QUICK
              + QUICK_WHOLE_HIDDEN
              + ").")
  private List<Integer> wholeHidden;

  @Option(
      names = "--whole-batch",
      split = ",",
      paramLabel = "B",
      defaultValue = WHOLE_BATCH,
      description = "Their sequences side by side" + DEFAULT)
  private List<Integer> wholeBatch;

  @Option(
      names = "--whole-vocabulary",
      split = ",",
      paramLabel = "V",
      defaultValue = WHOLE_VOCABULARY,
      description = "How many different tokens there are" + DEFAULT)
  private List<Integer> wholeVocabulary;

  @Option(
      names = "--quick",
      description =
          "A run of some five minutes: fewer points and seconds, which the options name, all else"
              + " the same.")
  private boolean isQuick;

  boolean isQuick() {
    return isQuick;
  }

  int steps() {
    return steps;
  }

  /// The points of `task`, checked; none if it is not asked for.
  List<Shape> shapes(Task task) {
    List<Shape> shapes = tasks.contains(task) ? all(task) : List.of();
    shapes.forEach(Grid::check);
    return shapes;
  }

  private List<Shape> all(Task task) {
    return switch (task) {
      case TRAINING ->
          shapes(
              task,
              cells,
              numbers(hidden, HIDDEN, QUICK_HIDDEN),
              numbers(batch, BATCH, QUICK_BATCH),
              List.of(0));
      case INFERENCE ->
          shapes(
              task,
              inferenceCells,
              numbers(inferenceHidden, INFERENCE_HIDDEN, QUICK_INFERENCE_HIDDEN),
              numbers(inferenceBatch, INFERENCE_BATCH, QUICK_INFERENCE_BATCH),
              List.of(0));
      case WHOLE_TRAINING ->
          shapes(
              task,
              wholeCells,
              numbers(wholeHidden, WHOLE_HIDDEN, QUICK_WHOLE_HIDDEN),
              wholeBatch,
              wholeVocabulary);
    };
  }

  private List<Integer> numbers(List<Integer> given, String usual, String quick) {
    return given != null
        ? given
        : Arrays.stream((isQuick ? quick : usual).split(",", -1)).map(Integer::valueOf).toList();
  }

  private List<Shape> shapes(
      Task task,
      List<CellKind> cells,
      List<Integer> widths,
      List<Integer> batches,
      List<Integer> vocabularies) {
    List<Shape> shapes = new ArrayList<>();
    for (CellKind cell : cells) {
      for (int width : widths) {
        for (int rows : batches) {
          for (int vocabulary : vocabularies) {
            shapes.add(new Shape(task, cell, width, rows, steps, Start.RANDOM, vocabulary));
          }
        }
      }
    }
    return shapes.stream().distinct().toList();
  }

  private static void check(Shape shape) {
    String prefix =
        switch (shape.task()) {
          case TRAINING -> "";
          case INFERENCE -> "inference-";
          case WHOLE_TRAINING -> "whole-";
        };
    Expect.positive(prefix + "hidden", "H", shape.width());
    Expect.positive(prefix + "batch", "B", shape.batch());
    Expect.positive("steps", "T", shape.steps());
    int least = 0;
    if (shape.task() == Task.WHOLE_TRAINING) {
      Expect.positive(prefix + "vocabulary", "V", shape.vocabulary());
      least = TextProblem.WINDOWS;
    }
    int widest = Math.max(least, Math.max(shape.width(), shape.vocabulary()));
    if ((double) shape.steps() * shape.batch() * widest > MOST_NUMBERS
        || (double) shape.width() * Math.max(4.0 * shape.width(), shape.vocabulary())
            > MOST_NUMBERS) {
      throw new Refusal(
          prefix + "hidden",
          "at most 2^29 numbers in T*B times H, V or, with V, 64, and in H times 4*H or V",
          shape);
    }
  }
}
