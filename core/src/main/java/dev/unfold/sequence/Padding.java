package dev.unfold.sequence;

import dev.unfold.argument.Refusal;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.WeightedTargets;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Puts examples of different lengths side by side: row t*B + b is step t of the b-th, and empty where it has none.
final class Padding {
  private final List<Example> examples;
  private final int batch;
  private final int steps;

  /// @param batch B, no fewer than there are examples
  Padding(List<Example> examples, int batch) {
    this.examples = examples;
    this.batch = batch;
    steps = examples.stream().mapToInt(Example::steps).max().orElseThrow();
  }

  int steps() {
    return steps;
  }

  boolean[] present() {
    boolean[] present = new boolean[steps * batch];
    for (int b = 0; b < examples.size(); b++) {
      for (int t = 0; t < examples.get(b).steps(); t++) {
        present[t * batch + b] = true;
      }
    }
    return present;
  }

  Inputs inputs() {
    return switch (examples.getFirst().inputs()) {
      case Inputs.Tokens _ -> {
        int[] tokens = new int[steps * batch];
        for (int b = 0; b < examples.size(); b++) {
          Inputs.Tokens own = alike(b, examples.get(b).inputs(), Inputs.Tokens.class);
          place(own.tokens(), own.from(), tokens, b);
        }
        yield new Inputs.Tokens(tokens, 0);
      }
      case Inputs.Vectors _ ->
          new Inputs.Vectors(
              rows(b -> alike(b, examples.get(b).inputs(), Inputs.Vectors.class).values()));
      case Inputs.Columns first -> columns(first);
    };
  }

  private Inputs columns(Inputs.Columns first) {
    int[][] categories = new int[first.categories().length][steps * batch];
    for (int b = 0; b < examples.size(); b++) {
      Inputs.Columns own = columns(b);
      if (own.categories().length != categories.length
          || own.numbers().isPresent() != first.numbers().isPresent()) {
        throw new Refusal(
            "examples[%d]".formatted(b),
            "N=%d numbers and C=%d categories, as the first has"
                .formatted(first.width(), categories.length),
            "N=%d and C=%d".formatted(own.width(), own.categories().length));
      }
      for (int c = 0; c < categories.length; c++) {
        place(own.categories()[c], own.from(), categories[c], b);
      }
    }
    return new Inputs.Columns(
        first.numbers().map(_ -> rows(b -> columns(b).numbers().orElseThrow())), categories, 0);
  }

  private Inputs.Columns columns(int b) {
    return alike(b, examples.get(b).inputs(), Inputs.Columns.class);
  }

  Targets targets() {
    return targets(examples.stream().map(Example::targets).toList());
  }

  /// @param of for each example
  private Targets targets(List<Targets> of) {
    if (of.getFirst() instanceof SeveralTargets first) {
      return new SeveralTargets(
          IntStream.range(0, first.parts().size())
              .mapToObj(i -> targets(part(of, i, first.parts().size())))
              .toList());
    }
    boolean weighs = of.stream().anyMatch(own -> own instanceof WeightedTargets);
    return weighs ? new WeightedTargets(plain(of), weights(of), 0) : plain(of);
  }

  /// Those of head `i` of `count`.
  private static List<Targets> part(List<Targets> of, int i, int count) {
    List<Targets> parts = new ArrayList<>();
    for (int b = 0; b < of.size(); b++) {
      if (!(of.get(b) instanceof SeveralTargets all) || all.parts().size() != count) {
        throw new Refusal(
            "examples[%d]".formatted(b),
            "targets of %d heads, as the first has".formatted(count),
            of.get(b) instanceof SeveralTargets all
                ? all.parts().size()
                : of.get(b).plain().getClass().getSimpleName());
      }
      parts.add(all.parts().get(i));
    }
    return parts;
  }

  private double[] weights(List<Targets> of) {
    double[] weights = new double[steps * batch];
    for (int b = 0; b < examples.size(); b++) {
      for (int t = 0; t < examples.get(b).steps(); t++) {
        weights[t * batch + b] = of.get(b).weight(t);
      }
    }
    return weights;
  }

  private Targets plain(List<Targets> of) {
    return switch (of.getFirst().plain()) {
      case Targets.Classes _ -> {
        int[] classes = none();
        for (int b = 0; b < examples.size(); b++) {
          Targets.Classes own = alike(b, of.get(b).plain(), Targets.Classes.class);
          place(own.classes(), own.from(), classes, b);
        }
        yield new Targets.Classes(classes, 0);
      }
      case Targets.Tags _ -> {
        int[] tags = none();
        for (int b = 0; b < examples.size(); b++) {
          place(alike(b, of.get(b).plain(), Targets.Tags.class).tags(), 0, tags, b);
        }
        yield new Targets.Tags(tags);
      }
      case Targets.Distributions _ ->
          new Targets.Distributions(
              rows(b -> alike(b, of.get(b).plain(), Targets.Distributions.class).values()));
      case Targets.Values _ ->
          new Targets.Values(rows(b -> alike(b, of.get(b).plain(), Targets.Values.class).values()));
      case Targets.Labels _ -> {
        int[][] labels = new int[batch][];
        for (int b = 0; b < examples.size(); b++) {
          labels[b] = alike(b, of.get(b).plain(), Targets.Labels.class).labels()[0];
        }
        yield new Targets.Labels(labels, steps);
      }
      case SeveralTargets all -> throw new AssertionError(all);
      case Targets.Sampled all -> throw new AssertionError(all);
      case WeightedTargets all -> throw new AssertionError(all);
      case Targets.SmoothedClasses all -> throw new AssertionError(all);
    };
  }

  private int[] none() {
    int[] none = new int[steps * batch];
    Arrays.fill(none, Targets.NO_TARGET);
    return none;
  }

  /// What example `b` has, of the kind of the first's.
  private static <P, K extends P> K alike(int b, P own, Class<K> kind) {
    if (!kind.isInstance(own)) {
      throw new Refusal(
          "examples[%d]".formatted(b),
          "%s, as the first has".formatted(kind.getSimpleName()),
          own.getClass().getSimpleName());
    }
    return kind.cast(own);
  }

  private void place(int[] from, int first, int[] to, int b) {
    for (int t = 0; t < examples.get(b).steps(); t++) {
      to[t * batch + b] = from[first + t];
    }
  }

  private interface Rows {
    Matrix of(int b);
  }

  private Matrix rows(Rows given) {
    Matrix first = given.of(0);
    Matrix all = first.alike(steps * batch, first.cols());
    for (int b = 0; b < examples.size(); b++) {
      Matrix own = given.of(b);
      if (own.cols() != all.cols() || own.buffer().type() != all.buffer().type()) {
        throw new Refusal(
            "examples[%d]".formatted(b),
            "%d columns of %s, as the first has".formatted(all.cols(), all.buffer().type()),
            "%d of %s".formatted(own.cols(), own.buffer().type()));
      }
      for (int t = 0; t < examples.get(b).steps(); t++) {
        all.copyRow(own, t, t * batch + b);
      }
    }
    return all;
  }
}
