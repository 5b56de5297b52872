package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.formats.exchange.ReferenceRoles.Role;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/// Whether a network computes what another program did, whose arrays are known by their names.
///
/// Sequences may be `[T, B, ..]` or `[B, T, ..]`, or `[T, ..]` for a single one: where both are possible, both are
/// tried, and the one with the smaller differences counts. Likewise an `output` may be net_y, or what the head makes of
/// it.
public final class ReferenceParity {
  private final Reference reference;
  private final ReferenceRoles roles;

  /// How far a network is from a reference.
  ///
  /// @param rows a row for each array that came out
  /// @param how how the arrays were read, a line each
  /// @param steps of all sequences together
  public record Result(List<Parity.Row> rows, List<String> how, int steps) {
    /// Copies the lists.
    public Result {
      rows = List.copyOf(rows);
      how = List.copyOf(how);
    }

    /// Whether all rows are close.
    public boolean isClose() {
      return rows.stream().allMatch(Parity.Row::isClose);
    }

    /// The largest difference, relative to the largest number in its place.
    public double relative() {
      return rows.stream().mapToDouble(Parity.Row::relative).max().orElse(0);
    }
  }

  /// @param spec the network's
  /// @param origin the graph that it was found in, whose names count, too
  public ReferenceParity(Reference reference, NetworkSpec spec, Optional<Graph> origin) {
    this.reference = Expect.given("reference", reference);
    roles = new ReferenceRoles(Expect.given("spec", spec), Expect.given("origin", origin));
  }

  /// Compares a network with it.
  ///
  /// **Errors**: [FormatException] if an array is missing, is none of the network's, or has another shape.
  public Result of(Network network) {
    Map<Role, Reference.Array> arrays = new LinkedHashMap<>();
    for (Reference.Array array : reference.arrays()) {
      Role role = roles.of(reference.file(), array);
      if (arrays.put(role, array) != null && !(role instanceof Role.Output)) {
        throw reference.misfit(array, "an array that no other stands for");
      }
    }
    Encoder encoder = network.spec().encoder();
    Role first =
        encoder instanceof Encoder.Columns && encoder.numbers() == 0
            ? new Role.Category(0)
            : new Role.Main();
    List<Result> all = new ArrayList<>();
    FormatException misfit = null;
    for (ReferenceAxes axes :
        ReferenceAxes.possible(reference, encoder, Optional.ofNullable(arrays.get(first)))) {
      try {
        all.add(of(network, arrays, axes));
      } catch (FormatException e) {
        // It may fit the other way round.
        misfit = misfit == null ? e : misfit;
      }
    }
    if (all.isEmpty()) {
      throw misfit;
    }
    return all.stream().min(Comparator.comparingDouble(Result::relative)).orElseThrow();
  }

  private Result of(Network network, Map<Role, Reference.Array> arrays, ReferenceAxes axes) {
    NetworkSpec spec = network.spec();
    ReferenceInputs read = new ReferenceInputs(reference, arrays, axes);
    Inputs inputs = read.inputs(network);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), axes.steps(), axes.batch());
    unrolled.start(read.state(network));
    unrolled.allPresent();
    unrolled.forward(inputs);
    State last = unrolled.finalState();
    List<Matrix> lasts = last.layers().stream().flatMap(List::stream).toList();
    List<Parity.Row> rows = new ArrayList<>();
    List<String> how = new ArrayList<>();
    how.add("reference: sequences are " + axes.shown());
    for (Reference.Array array : reference.arrays()) {
      switch (roles.of(reference.file(), array)) {
        case Role.Layer layer -> rows.add(row(array, unrolled.output(layer.number()), axes));
        case Role.StateAfter after -> rows.add(row(array, lasts.get(after.number()), axes));
        case Role.Output output ->
            rows.add(
                best(
                    array,
                    network,
                    outputs(spec, unrolled, output.head()),
                    output.head(),
                    axes,
                    how));
        case Role.Said said -> {
          Matrix own = outputs(spec, unrolled, said.head());
          rows.add(row(array, said(head(spec, said.head()), own), axes));
        }
        case Role.Main _, Role.Category _, Role.StateBefore _ -> {}
      }
    }
    if (rows.isEmpty()) {
      throw new FormatException(
          reference.file() + ": expected an array of what came out, such as output, found none");
    }
    return new Result(rows, how, axes.rows());
  }

  private static Head head(NetworkSpec spec, int number) {
    return spec.heads().get(number).head();
  }

  private static Matrix outputs(NetworkSpec spec, UnrolledNetwork unrolled, int number) {
    Matrix all = unrolled.logits();
    if (!(spec.head() instanceof SeveralHeads several)) {
      return all;
    }
    Matrix own = several.outputs(all, number);
    boolean isOfSteps = several.parts().get(number).head().isOfSteps();
    int batch = unrolled.batch();
    return isOfSteps ? own : own.rows((unrolled.steps() - 1) * batch, batch);
  }

  /// What the head makes of its outputs.
  private static Matrix said(Head head, Matrix outputs) {
    double[] first = head.prediction(outputs, 0);
    Matrix said = Matrix.onHeap(outputs.buffer().type(), outputs.rows(), first.length);
    for (int row = 0; row < said.rows(); row++) {
      double[] numbers = head.prediction(outputs, row);
      for (int k = 0; k < numbers.length; k++) {
        said.set(row, k, numbers[k]);
      }
    }
    return said;
  }

  private static Matrix each(Matrix of, DoubleUnaryOperator function) {
    Matrix all = Matrix.onHeap(of.buffer().type(), of.rows(), of.cols());
    for (int row = 0; row < of.rows(); row++) {
      for (int k = 0; k < of.cols(); k++) {
        all.set(row, k, function.applyAsDouble(of.get(row, k)));
      }
    }
    return all;
  }

  /// Files of other programs may put out net_y, probabilities, or their logarithms under one name.
  private Parity.Row best(
      Reference.Array array,
      Network network,
      Matrix outputs,
      int head,
      ReferenceAxes axes,
      List<String> how) {
    Map<String, Matrix> kinds = new LinkedHashMap<>();
    kinds.put("", outputs);
    Matrix said = said(head(network.spec(), head), outputs);
    boolean areOther = said.cols() != outputs.cols();
    if (areOther && array.numbers().count() == said.rows() * said.cols()) {
      kinds.clear();
    }
    if (kinds.isEmpty() || !areOther) {
      kinds.put("what the head says", said);
      kinds.put("the logarithms of what the head says", each(said, Math::log));
    }
    String kind = "";
    Parity.Row least = null;
    for (Map.Entry<String, Matrix> entry : kinds.entrySet()) {
      Parity.Row row = row(array, entry.getValue(), axes);
      if (least == null || Double.compare(row.relative(), least.relative()) < 0) {
        least = row;
        kind = entry.getKey();
      }
    }
    if (!kind.isEmpty() && least.isClose()) {
      how.add("reference: %s is %s".formatted(array.shown(), kind));
    }
    return least;
  }

  /// Compares rows of steps, or of sequences.
  private Parity.Row row(Reference.Array array, Matrix own, ReferenceAxes axes) {
    GraphTensor numbers = array.numbers();
    boolean isOfSteps = own.rows() == axes.rows() && axes.steps() > 1;
    List<Integer> expected = isOfSteps ? axes.shape(own.cols()) : List.of(own.rows(), own.cols());
    if (numbers.count() != (long) own.rows() * own.cols()
        || !ReferenceAxes.areAlike(expected, numbers.shape())) {
      throw reference.misfit(
          array,
          (isOfSteps ? "[T, B, %d] or [B, T, %1$d]" : "[B, %d]").formatted(own.cols())
              + " with T=%d, B=%d".formatted(axes.steps(), axes.batch()));
    }
    double[] theirs = new double[numbers.count()];
    double[] ours = new double[theirs.length];
    for (int i = 0; i < theirs.length; i++) {
      int row = i / own.cols();
      int place = isOfSteps ? axes.place(row) : row;
      theirs[i] = numbers.real(place * own.cols() + i % own.cols());
      ours[i] = own.get(row, i % own.cols());
    }
    Optional<Integer> perStep =
        isOfSteps ? Optional.of(axes.batch() * own.cols()) : Optional.empty();
    return Parity.Row.of(array.shown(), theirs, ours, perStep);
  }
}
