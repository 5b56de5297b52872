package dev.unfold.train;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.StaticStart;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A network and batches for it, of sequences of any lengths with steps that are missing, and weights.
///
/// @param goesOn whether each batch but the first of the epoch goes on with the one before
record BlockCase(String name, NetworkSpec spec, List<Batch> batches, Reduction sums, boolean goesOn)
    implements TrainingData {
  static final int T = 6;
  static final int B = 9;
  private static final int I = 3;
  private static final int K = 4;
  private static final int V = 7;

  /// By name.
  static Map<String, BlockCase> all(long seed) {
    Encoder vectors = new Encoder.Vectors(I);
    Map<String, NetworkSpec> specs = new TreeMap<>();
    specs.put("classes", of(vectors, new Head.Classes(K)));
    specs.put("values", of(vectors, new Head.Values(2, new ValueLoss.Huber(1))));
    specs.put("sets", of(vectors, new Head.Sets(K)));
    specs.put("labels", of(vectors, new Head.Labels(K, 0)));
    specs.put("tags", of(vectors, new Head.Tags(K)));
    specs.put("pooled", of(vectors, new PooledHead(new Head.Classes(K), Pooling.ATTENTION)));
    specs.put(
        "several",
        of(
            vectors,
            SeveralHeads.of(
                new SeveralHeads.Part("slots", new Head.Tags(K), 0.5),
                new SeveralHeads.Part(
                    "intent", new PooledHead(new Head.Classes(K), Pooling.MEAN), 2),
                new SeveralHeads.Part("next", new Head.Classes(K)))));
    specs.put("factored", of(new Encoder.Embedding(V, 4), new FactoredClasses(9)));
    specs.put("bidirectional", of(vectors, new Head.Classes(K)).with(Wiring.BIDIRECTIONAL));
    specs.put(
        "tied",
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Embedding(K, 5),
            5,
            2,
            new Head.Classes(K),
            Set.of(Wiring.TIED)));
    specs.put(
        "columns",
        of(
                new Encoder.Columns(2, List.of(new Encoder.Embedding(V, 2))),
                new Head.Values(1, new ValueLoss.SquaredError()))
            .with(new StaticStart(1, 1)));
    specs.put(
        "masks",
        of(vectors, new Head.Classes(K)).with(Noise.dropout(0.3).withState(0.2).withWeights(0.2)));
    Map<String, BlockCase> cases = new TreeMap<>();
    specs.forEach((name, spec) -> {
      for (boolean goesOn : new boolean[] {false, true}) {
        if (!goesOn || spec.directions() == 1) {
          String own = name + (goesOn ? ", going on" : "");
          cases.put(own, of(own, spec, goesOn, new Random(seed + own.hashCode())));
        }
      }
    });
    return cases;
  }

  private static NetworkSpec of(Encoder encoder, Head head) {
    return new NetworkSpec(Cells.lstm(), encoder, 5, 2, head);
  }

  private static BlockCase of(String name, NetworkSpec spec, boolean goesOn, Random random) {
    List<Batch> batches = new ArrayList<>();
    // The last has fewer sequences than some numbers of blocks, and in one of them is no step.
    for (int size : new int[] {B, B, 2}) {
      batches.add(batch(spec, size, random));
    }
    Reduction[] sums = Reduction.values();
    return new BlockCase(name, spec, batches, sums[random.nextInt(sums.length)], goesOn);
  }

  private static Batch batch(NetworkSpec spec, int size, Random random) {
    boolean[] present = new boolean[T * size];
    for (int b = 0; b < size; b++) {
      int length = b == 1 ? 0 : 1 + random.nextInt(T);
      for (int t = 0; t < length; t++) {
        present[t * size + b] = t == 0 || random.nextInt(5) > 0;
      }
    }
    Targets targets = targets(spec.head(), size, present, random);
    Batch batch =
        new Batch(T, size, inputs(spec.encoder(), size, random), targets, Optional.of(present));
    boolean isOfSteps = spec.head() instanceof Head.Classes || spec.head() instanceof Head.Values;
    return isOfSteps
        ? batch.weighted(random.doubles((long) T * size, 0, 2).map(w -> w < 0.3 ? 0 : w).toArray())
        : batch;
  }

  private static Inputs inputs(Encoder encoder, int size, Random random) {
    int rows = T * size;
    return switch (encoder) {
      case Encoder.Vectors all -> new Inputs.Vectors(drawn(random, rows, all.width(), 0));
      case Encoder.Embedding all ->
          new Inputs.Tokens(random.ints(rows, 0, all.vocabulary()).toArray(), 0);
      case Encoder.Columns all ->
          new Inputs.Columns(
              drawn(random, rows, all.numbers(), 0), random.ints(rows, 0, V).toArray());
    };
  }

  private static Targets targets(Head head, int size, boolean[] present, Random random) {
    int rows = T * size;
    return switch (head) {
      case SeveralHeads all ->
          new SeveralTargets(
              all.parts().stream()
                  .map(part -> targets(part.head(), size, present, random))
                  .toList());
      case PooledHead all -> {
        int[] classes = new int[rows];
        Arrays.fill(classes, Targets.NO_TARGET);
        for (int b = 0; b < size; b++) {
          int last = rows - size + b;
          while (last > b && !present[last]) {
            last -= size;
          }
          classes[last] = present[last] ? random.nextInt(all.outputs()) : Targets.NO_TARGET;
        }
        yield new Targets.Classes(classes, 0);
      }
      case Head.Values all -> new Targets.Values(drawn(random, rows, all.numbers(), 0.2));
      case Head.Sets all -> new Targets.Values(ones(random, rows, all.numbers()));
      case Head.Labels _ -> {
        int[][] labels = new int[size][];
        Arrays.setAll(labels, b -> random.nextInt(4) == 0 ? null : new int[] {1 + b % (K - 1)});
        // One without steps has no labels.
        if (size > 1) {
          labels[1] = null;
        }
        yield new Targets.Labels(labels, T);
      }
      case Head.Tags all -> {
        int[] tags = new int[rows];
        boolean[] lack = new boolean[size];
        for (int b = 0; b < size; b++) {
          lack[b] = random.nextInt(4) == 0;
        }
        Arrays.setAll(
            tags, row -> lack[row % size] ? Targets.NO_TARGET : random.nextInt(all.outputs()));
        yield new Targets.Tags(tags);
      }
      default -> {
        int[] classes = random.ints(rows, -1, head.outputs()).toArray();
        yield new Targets.Classes(classes, 0);
      }
    };
  }

  private static Matrix ones(Random random, int rows, int cols) {
    Matrix all = drawn(random, rows, cols, 0);
    for (int i = 0; i < rows * cols; i++) {
      all.set(i / cols, i % cols, random.nextInt(2));
    }
    return all;
  }

  /// @param missing the share of NaN
  private static Matrix drawn(Random random, int rows, int cols, double missing) {
    Matrix all = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      double number = random.nextDouble() < missing ? Double.NaN : random.nextGaussian();
      all.set(i / cols, i % cols, number);
    }
    return all;
  }

  @Override
  public int steps() {
    return T;
  }

  @Override
  public int batch() {
    return B;
  }

  @Override
  public int updatesPerEpoch() {
    return batches.size();
  }

  @Override
  public Batch batch(long place) {
    return batches.get((int) (place % batches.size()));
  }

  @Override
  public boolean goesOn(long place) {
    return goesOn && place % batches.size() > 0;
  }

  @Override
  public Reduction reduction() {
    return sums;
  }
}
