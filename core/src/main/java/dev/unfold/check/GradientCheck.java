package dev.unfold.check;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/// Whether the gradients of a network are those of its loss: central differences against the adjoint, in double
/// precision, for every parameter, the input and the initial state.
///
///     dE/dx = (E(x + h) - E(x - h)) / (2 h)        error = |adjoint - difference| / max(1, |adjoint|, |difference|)
///
/// Under five conditions: all steps there; sequences of different lengths with missing steps and losses; random masks,
/// frozen; truncated windows, whose gradient is that of each window from a frozen state; and a budget of memory, which
/// has to give the bits of the whole. The last two are left out where they are refused: both for layers of both
/// directions, labels and tags, and windows of their own losses for pooled outputs, whose loss is one of the whole
/// sequence. What the outputs are compared with is drawn as the head wants it.
///
///     GradientCheck.of(myCell).expectPassed();
///
/// **Errors of the method**: h = 1e-5 leaves about 1e-10 relative; kinks, as of a relu or a maximum of steps, within h
/// show as errors and are none.
///
/// @param rows what was compared
public record GradientCheck(List<Row> rows) {
  /// The largest error that passes.
  public static final double TOLERANCE = 1e-6;

  private static final int INPUT = 3;
  private static final int HIDDEN = 4;
  private static final int CLASSES = 3;

  /// Copies the list.
  public GradientCheck {
    rows = List.copyOf(rows);
  }

  /// The largest error within a tensor.
  ///
  /// @param condition under which: `plain`, `lengths`, `masks`, `windows` or `memory`
  /// @param tensor a parameter, `input` or `initial state s of layer l`
  /// @param count how many numbers were compared
  /// @param error the largest error
  public record Row(String condition, String tensor, long count, double error) {
    /// Whether it is small enough.
    public boolean passed() {
      return error <= TOLERANCE;
    }
  }

  /// Checks two layers of `cell` with few units, as many in each of its heads.
  public static GradientCheck of(Cell cell) {
    return of(cell, 6, 3);
  }

  /// The same for T steps of B sequences.
  public static GradientCheck of(Cell cell, int steps, int batch) {
    int hidden = Math.ceilDiv(HIDDEN, cell.heads()) * cell.heads();
    int layers = cell.sizes(INPUT, hidden).of(cell.output().size()) == INPUT ? 1 : 2;
    return of(
        new NetworkSpec(cell, new Encoder.Vectors(INPUT), hidden, layers, CLASSES), steps, batch);
  }

  /// Checks a network of its own parameters, as [Network#create] draws them.
  public static GradientCheck of(NetworkSpec spec, int steps, int batch) {
    Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
    return of(Network.create(spec, kernels, 1), steps, batch);
  }

  /// Checks `network`, one of doubles, for T steps of B sequences that are drawn. Its parameters are changed, and put
  /// back.
  ///
  /// **Errors**: [IllegalArgumentException] for a network of floats.
  public static GradientCheck of(Network network, int steps, int batch) {
    if (network.kernels().precision() != Precision.DOUBLE) {
      throw new Refusal("network", "one of doubles", "one of floats");
    }
    return new GradientCheck(new Run(network, steps, batch).rows());
  }

  /// Whether all errors are small enough.
  public boolean passed() {
    return rows.stream().allMatch(Row::passed);
  }

  /// **Errors**: [AssertionError] that names the tensors whose errors are too large.
  public void expectPassed() {
    if (!passed()) {
      throw new AssertionError(
          "gradients: expected errors up to " + TOLERANCE + ", got those of" + lines(false));
    }
  }

  /// A line for each tensor.
  @Override
  public String toString() {
    return (passed() ? "passed" : "failed") + lines(true);
  }

  private String lines(boolean all) {
    return rows.stream()
        .filter(row -> all || !row.passed())
        .map(row -> "%n  %-8s %-28s %.1e".formatted(row.condition(), row.tensor(), row.error()))
        .collect(Collectors.joining());
  }

  /// What is compared, and how.
  private static final class Run {
    private final Network network;
    private final int steps;
    private final int size;
    private final Random random = new Random(1);
    private final State start;
    private final Inputs inputs;
    private final List<Row> rows = new ArrayList<>();

    Run(Network network, int steps, int size) {
      this.network = network;
      this.steps = steps;
      this.size = size;
      Expect.positive("steps", "T", steps);
      Expect.positive("batch", "B", size);
      start = State.zeros(network.spec(), Precision.DOUBLE, size);
      start.layers().forEach(layer -> layer.forEach(this::draw));
      inputs = inputs();
    }

    private Targets targets(int of, boolean... present) {
      return DrawnTargets.of(network.spec().head(), of, size, present);
    }

    private Inputs inputs() {
      return switch (network.spec().encoder()) {
        case Encoder.Vectors vectors -> {
          Matrix values = Matrix.allocate(ElementType.FLOAT64, steps * size, vectors.width());
          draw(values);
          yield new Inputs.Vectors(values);
        }
        case Encoder.Embedding tokens -> new Inputs.Tokens(draw(tokens), 0);
        case Encoder.Columns columns -> {
          Optional<Matrix> numbers = Optional.empty();
          if (columns.numbers() > 0) {
            Matrix all = Matrix.allocate(ElementType.FLOAT64, steps * size, columns.numbers());
            draw(all);
            numbers = Optional.of(all);
          }
          int[][] categories = columns.categories().stream().map(this::draw).toArray(int[][]::new);
          yield new Inputs.Columns(numbers, categories, 0);
        }
      };
    }

    private int[] draw(Encoder.Embedding table) {
      return random.ints((long) steps * size, 0, table.vocabulary()).toArray();
    }

    /// The numbers of the input, which the loss has derivatives by.
    private Optional<Matrix> numbers() {
      return switch (inputs) {
        case Inputs.Vectors all -> Optional.of(all.values());
        case Inputs.Columns all -> all.numbers();
        case Inputs.Tokens _ -> Optional.empty();
      };
    }

    private void draw(Matrix matrix) {
      for (int r = 0; r < matrix.rows(); r++) {
        for (int c = 0; c < matrix.cols(); c++) {
          matrix.set(r, c, random.nextDouble(-1, 1));
        }
      }
    }

    List<Row> rows() {
      Batch plain = Batch.of(steps, size, inputs, targets(steps, all(steps)));
      compare("plain", network, plain);
      compare("lengths", network, missing(plain));
      masks(plain);
      boolean isCut = network.spec().directions() == 1 && plain.targets().isOfSteps();
      if (isCut && network.spec().head().isOfSteps()) {
        windows(plain);
      }
      if (isCut) {
        memory();
      }
      return rows;
    }

    private boolean[] all(int of) {
      boolean[] all = new boolean[of * size];
      Arrays.fill(all, true);
      return all;
    }

    /// Every fourth step is missing, and sequences end at different steps.
    private Batch missing(Batch plain) {
      boolean[] present = new boolean[steps * size];
      for (int row = 0; row < present.length; row++) {
        int end = Math.max(1, steps - row % size);
        present[row] = row / size < end && row % 4 != 2;
      }
      return new Batch(
          plain.steps(),
          plain.batch(),
          plain.inputs(),
          targets(steps, present),
          Optional.of(present));
    }

    private void masks(Batch plain) {
      NetworkSpec spec = network.spec();
      Noise noise = Noise.dropout(0.3);
      // A state that all layers have, if there is one.
      Optional<String> state =
          spec.cell().states().stream()
              .filter(
                  name -> spec.stack().stream().allMatch(own -> own.cell().states().contains(name)))
              .findFirst();
      noise = state.isPresent() ? noise.withZoneout(state.get(), 0.2) : noise;
      Network masked = Network.zeros(spec.with(noise), network.kernels());
      masked.parameters().set(network.parameters());
      masked.parameters().changed();
      compare("masks", masked, plain);
    }

    /// Whether sequences start from what never changes in them, and not from any state.
    private boolean isStarted() {
      return network.spec().start().isPresent();
    }

    private void start(Bptt bptt) {
      if (isStarted()) {
        bptt.startFromZero();
      } else {
        bptt.start(start);
      }
    }

    private void compare(String condition, Network own, Batch batch) {
      Bptt bptt = Bptt.of(own, Team.of(1), steps, size, new Engine.Full());
      Parameters unused = own.parameters().zeros();
      DoubleSupplier loss =
          () -> {
            start(bptt);
            return bptt.gradient(batch, Reduction.MEAN, unused);
          };
      Parameters gradients = own.parameters().zeros();
      start(bptt);
      bptt.gradient(batch, Reduction.MEAN, gradients);
      State initial = bptt.initialStateGradient();
      parameters(condition, own, gradients, loss);
      CentralDifferences differences = new CentralDifferences(() -> {}, loss);
      for (int l = 0; !isStarted() && l < initial.layers().size(); l++) {
        for (int s = 0; s < initial.layers().get(l).size(); s++) {
          Matrix values = start.layers().get(l).get(s);
          String name = "initial state %d of layer %d".formatted(s, l);
          add(condition, name, values, initial.layers().get(l).get(s), differences);
        }
      }
      if (numbers().isPresent() && own == network) {
        Matrix numbers = numbers().orElseThrow();
        Matrix adjoint = inputGradient(batch).columns(0, numbers.cols());
        add(condition, "input", numbers, adjoint, differences);
      }
    }

    private Matrix inputGradient(Batch batch) {
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), steps, size);
      if (!isStarted()) {
        unrolled.start(start);
      }
      unrolled.loss(batch, Reduction.MEAN);
      unrolled.backward(network.parameters().zeros());
      return unrolled.inputGradient();
    }

    private void parameters(
        String condition, Network own, Parameters gradients, DoubleSupplier loss) {
      CentralDifferences differences = new CentralDifferences(own.parameters()::changed, loss);
      for (Parameters.Tensor tensor : gradients.tensors()) {
        Matrix values = own.parameters().matrix(tensor.name());
        add(condition, tensor.name(), values, gradients.matrix(tensor.name()), differences);
      }
    }

    private void add(
        String condition,
        String tensor,
        Matrix values,
        Matrix adjoint,
        CentralDifferences differences) {
      long count = (long) values.rows() * values.cols();
      rows.add(new Row(condition, tensor, count, differences.error(values, adjoint)));
    }

    /// Windows of k1 = k2 steps: the sum of the windows' own losses, each from the state that it starts with, frozen.
    private void windows(Batch plain) {
      int window = Math.max(1, steps / 3);
      Truncation truncation = new Truncation(window, window);
      Bptt bptt = Bptt.of(network, Team.of(1), steps, size, new Engine.Truncated(truncation));
      Parameters gradients = network.parameters().zeros();
      start(bptt);
      bptt.gradient(plain, Reduction.SUM, gradients);
      List<State> states = new ArrayList<>(List.of(start));
      List<Batch> parts = new ArrayList<>();
      for (int from = 0; from < steps; from += window) {
        parts.add(plain.part(from, Math.min(steps, from + window)));
        UnrolledNetwork part =
            UnrolledNetwork.of(network, Team.of(1), parts.getLast().steps(), size);
        if (from > 0 || !isStarted()) {
          part.start(states.getLast());
        }
        part.loss(parts.getLast(), Reduction.SUM);
        states.add(part.finalState());
      }
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), window, size);
      DoubleSupplier loss =
          () -> {
            double sum = 0;
            for (int i = 0; i < parts.size(); i++) {
              if (i == 0 && isStarted()) {
                unrolled.startFromZero();
              } else {
                unrolled.start(states.get(i));
              }
              sum += unrolled.loss(parts.get(i), Reduction.SUM);
            }
            return sum;
          };
      parameters("windows", network, gradients, loss);
    }

    /// The bits of the gradient of a longer batch, in half of its memory.
    private void memory() {
      int longer = Math.max(steps, 2048 / size);
      int[] places = new int[longer * size];
      Arrays.setAll(places, i -> i % (steps * size));
      Batch batch = Batch.of(longer, size, inputs.select(places), targets(longer, all(longer)));
      long whole = Footprint.of(network.spec(), Precision.DOUBLE, longer, size, new Engine.Full());
      Parameters expected = gradient(batch, new Engine.Full());
      Parameters own = gradient(batch, new Engine.Budgeted(whole / 2));
      for (Parameters.Tensor tensor : expected.tensors()) {
        Matrix a = expected.matrix(tensor.name()).toHost();
        Matrix b = own.matrix(tensor.name()).toHost();
        double error = 0;
        for (int r = 0; r < a.rows(); r++) {
          for (int c = 0; c < a.cols(); c++) {
            boolean same =
                Double.doubleToRawLongBits(a.get(r, c)) == Double.doubleToRawLongBits(b.get(r, c));
            error = same ? error : Double.POSITIVE_INFINITY;
          }
        }
        this.rows.add(new Row("memory", tensor.name(), (long) a.rows() * a.cols(), error));
      }
    }

    private Parameters gradient(Batch batch, Engine engine) {
      Parameters gradients = network.parameters().zeros();
      Bptt.of(network, Team.of(1), batch.steps(), size, engine)
          .gradient(batch, Reduction.MEAN, gradients);
      return gradients;
    }
  }
}
