package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.tangent.Curvature;
import dev.unfold.tangent.SequenceGradients;
import dev.unfold.tangent.StateJacobian;
import java.util.Arrays;
import java.util.Map;

/// Products with the Hessian and the Gauss-Newton matrix, each sequence's own gradient, the Jacobian over all steps.
final class SecondOrderProof implements GoldenProof {
  private final TangentCase online;
  private final Map<String, GoldenTensor> vector;
  private final Map<String, GoldenTensor> gradients;
  private final Map<String, GoldenTensor> hessian;
  private final Map<String, GoldenTensor> gaussNewton;
  private final Map<String, GoldenTensor> sequences;
  private final GoldenTensor jacobian;

  SecondOrderProof(GoldenCase golden) {
    online =
        new TangentCase(
            golden,
            "grads",
            "vector",
            "hessian_vector",
            "gauss_newton_vector",
            "per_sequence_gradients",
            "state_jacobian");
    gradients = parameters(golden, "grads");
    vector = parameters(golden, "vector");
    hessian = parameters(golden, "hessian_vector");
    gaussNewton = parameters(golden, "gauss_newton_vector");
    sequences = golden.tensors("per_sequence_gradients");
    jacobian = golden.tensor("state_jacobian", online.batch, online.states, online.states);
  }

  private Map<String, GoldenTensor> parameters(GoldenCase golden, String field) {
    Map<String, GoldenTensor> tensors = golden.tensors(field);
    GoldenNetwork.expectShapes(field, online.network.spec(), tensors);
    return tensors;
  }

  @Override
  public String kind() {
    return "second order";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network network = online.network.build(kernels);
    Batch batch = online.batch(kernels);
    State start = online.start(network);
    Curvature curvature = Curvature.of(network, batch, online.reduction, start);
    Parameters along = network.parameters().zeros();
    vector.forEach((name, tensor) -> tensor.copyTo(along.matrix(name)));
    comparison.compare("loss", online.loss, curvature.loss());
    GoldenNetwork.compare("gradient", gradients, curvature.gradient(), comparison);
    GoldenNetwork.compare("Hv", hessian, curvature.hessian(along), comparison);
    GoldenNetwork.compare("Gv", gaussNewton, curvature.gaussNewton(along), comparison);
    SequenceGradients each = SequenceGradients.of(network, batch, online.reduction, start);
    double[] norms = each.norms();
    for (int b = 0; b < online.batch; b++) {
      Parameters own = each.gradient(b);
      double squares = 0;
      for (Map.Entry<String, GoldenTensor> entry : sequences.entrySet()) {
        GoldenTensor expected = entry.getValue().part(b);
        String name = entry.getKey();
        comparison.compare("G_%d.%s".formatted(b, name), expected, own.matrix(name));
        squares += Arrays.stream(expected.data()).map(x -> x * x).sum();
      }
      comparison.compare("|G_%d|".formatted(b), Math.sqrt(squares), norms[b]);
    }
    double[][][] got = StateJacobian.of(network, online.inputs(kernels), online.steps, start);
    double[] flat =
        Arrays.stream(got).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
    comparison.compare("jacobian", jacobian.data(), flat);
  }
}
