package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.TextProblem;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/// PyTorch.
public final class PyTorchPeer implements Peer {
  private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([^,]+)");
  private static final Pattern BLAS = Pattern.compile("BLAS_INFO=([^,]+)");

  /// Loads the library.
  public PyTorchPeer(int threads) {
    torch.set_num_threads(threads);
  }

  @Override
  public String version() {
    String configuration = torch.show_config().getString();
    return "PyTorch "
        + first(VERSION, configuration)
        + ", BLAS: "
        + first(BLAS, configuration)
        + ", oneDNN "
        + torch.get_mkldnn_version().getString();
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "unknown";
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return shape.task() == Task.INFERENCE
        ? Optional.of("only its training is compared")
        : Optional.empty();
  }

  @Override
  public PeerStep open(Problem problem) {
    return new PyTorchTraining(problem);
  }

  @Override
  public PeerStep open(TextProblem problem) {
    return new PyTorchWholeTraining(problem);
  }
}
