package dev.unfold.bench.peer.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// T calls of a model of one step. Inputs and outputs stay in the same memory, which ONNX Runtime recommends:
/// two pairs of states, each in turn the input and the output.
final class OnnxRuntimeInference implements PeerStep {
  private final Problem problem;
  private final Shape shape;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final FloatBuffer x;
  private final List<State> states;
  private final List<Map<String, OnnxTensor>> inputs;
  private final List<Map<String, OnnxTensor>> outputs;
  private final float[] output;

  /// h and c.
  private record State(FloatBuffer h, FloatBuffer c, OnnxTensor hTensor, OnnxTensor cTensor) {}

  OnnxRuntimeInference(OrtEnvironment environment, int threads, Problem problem)
      throws OrtException {
    this.environment = environment;
    this.problem = problem;
    shape = problem.shape();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    session = environment.createSession(LstmModel.of(problem), options);
    x = buffer();
    OnnxTensor xTensor = tensor(x);
    states = List.of(state(), state());
    inputs =
        states.stream()
            .map(state -> Map.of("x", xTensor, "h", state.hTensor, "c", state.cTensor))
            .toList();
    outputs =
        states.stream()
            .map(state -> Map.of("next_h", state.hTensor, "next_c", state.cTensor))
            .toList();
    output = new float[shape.rows() * shape.width()];
  }

  private FloatBuffer buffer() {
    int bytes = shape.batch() * shape.width() * Float.BYTES;
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private OnnxTensor tensor(FloatBuffer buffer) throws OrtException {
    return OnnxTensor.createTensor(
        environment, buffer, new long[] {1, shape.batch(), shape.width()});
  }

  private State state() throws OrtException {
    FloatBuffer h = buffer();
    FloatBuffer c = buffer();
    return new State(h, c, tensor(h), tensor(c));
  }

  @Override
  public void run() {
    int width = shape.batch() * shape.width();
    states.getFirst().h.put(0, problem.initialStates().getFirst());
    states.getFirst().c.put(0, problem.initialStates().getLast());
    try {
      for (int t = 0; t < shape.steps(); t++) {
        x.put(0, problem.input(), t * width, width);
        int next = (t + 1) % 2;
        session.run(inputs.get(t % 2), Set.of(), outputs.get(next)).close();
        states.get(next).h.get(0, output, t * width, width);
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Tensors results() {
    return new Tensors().with(Tensors.OUTPUT, output.clone());
  }
}
