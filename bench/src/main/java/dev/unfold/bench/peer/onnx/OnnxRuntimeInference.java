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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

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

  /// h and, of an LSTM, c: the numbers, and the same as ONNX Runtime sees them.
  private record State(List<FloatBuffer> numbers, List<OnnxTensor> tensors) {}

  OnnxRuntimeInference(OrtEnvironment environment, int threads, Problem problem)
      throws OrtException {
    this.environment = environment;
    this.problem = problem;
    shape = problem.shape();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    session = environment.createSession(RecurrentModel.of(problem), options);
    x = buffer();
    OnnxTensor xTensor = tensor(x);
    states = List.of(state(), state());
    inputs = states.stream().map(state -> named(state, name -> name)).toList();
    outputs = states.stream().map(state -> named(state, RecurrentModel::next)).toList();
    inputs.forEach(all -> all.put("x", xTensor));
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
    List<FloatBuffer> numbers = new ArrayList<>();
    List<OnnxTensor> tensors = new ArrayList<>();
    for (int i = 0; i < shape.cell().states(); i++) {
      numbers.add(buffer());
      tensors.add(tensor(numbers.getLast()));
    }
    return new State(numbers, tensors);
  }

  private Map<String, OnnxTensor> named(State state, UnaryOperator<String> naming) {
    List<String> names = RecurrentModel.states(shape.cell());
    Map<String, OnnxTensor> named = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      named.put(naming.apply(names.get(i)), state.tensors.get(i));
    }
    return named;
  }

  @Override
  public void run() {
    int width = shape.batch() * shape.width();
    for (int i = 0; i < shape.cell().states(); i++) {
      states.getFirst().numbers.get(i).put(0, problem.initialStates().get(i));
    }
    try {
      for (int t = 0; t < shape.steps(); t++) {
        x.put(0, problem.input(), t * width, width);
        int next = (t + 1) % 2;
        session.run(inputs.get(t % 2), Set.of(), outputs.get(next)).close();
        states.get(next).numbers.getFirst().get(0, output, t * width, width);
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
