package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.problem.TextProblem;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// What `torch.optim.Adam(..., fused=True)` calls: all that Adam does to a parameter in one pass over its memory.
///
/// JavaCPP does not map the function, but TorchScript knows it. (`torch::optim::Adam`, which is mapped, goes over the
/// memory a dozen times; on large parameters it takes two to three times as long.)
final class FusedAdam {
  private final List<Tensor> parameters;
  private final List<Tensor> counts;
  private final CompilationUnit script;
  private final Function pack;
  private final Function step;
  private final IValue packedParameters;
  private final IValue means;
  private final IValue squares;
  private final IValue packedCounts;

  FusedAdam(List<Tensor> parameters) {
    this.parameters = parameters;
    script = torch.compile(source(parameters.size()));
    pack = script.get_function(new QualifiedName("pack"));
    step = script.get_function(new QualifiedName("step"));
    counts = parameters.stream().map(_ -> torch.zeros(new long[0])).toList();
    packedParameters = packed(parameters);
    means = packed(parameters.stream().map(FusedAdam::zeros).toList());
    squares = packed(parameters.stream().map(FusedAdam::zeros).toList());
    packedCounts = packed(counts);
  }

  private static Tensor zeros(Tensor like) {
    return torch.zeros_like(like).detach();
  }

  /// A list of tensors can be made nowhere but in a script. As an argument of the step it is known to be changed.
  private static String source(int count) {
    List<String> names = IntStream.range(0, count).mapToObj(i -> "t" + i).toList();
    String typed = names.stream().map(name -> name + ": Tensor").collect(Collectors.joining(", "));
    return """
    def pack(%s):
      return [%s]

    def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], n: List[Tensor]):
      torch._fused_adam_(p, g, m, v, [], n, lr=%s, beta1=0.9, beta2=0.999, weight_decay=0.0,
          eps=1e-8, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
      return p
    """
        .formatted(
            typed, String.join(", ", names), String.format(Locale.ROOT, "%.6f", TextProblem.RATE));
  }

  private IValue packed(List<Tensor> tensors) {
    IValueVector arguments = new IValueVector();
    tensors.forEach(tensor -> arguments.push_back(new IValue(tensor)));
    return pack.apply(arguments);
  }

  /// Changes the parameters by their gradients.
  void update() {
    try (NoGradGuard _ = new NoGradGuard()) {
      counts.forEach(count -> count.add_(new Scalar(1)));
      IValueVector arguments = new IValueVector();
      IValue gradients = packed(parameters.stream().map(Tensor::grad).toList());
      Stream.of(packedParameters, gradients, means, squares, packedCounts)
          .forEach(arguments::push_back);
      step.apply(arguments);
    }
  }
}
