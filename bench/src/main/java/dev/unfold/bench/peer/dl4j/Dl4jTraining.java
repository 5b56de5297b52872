package dev.unfold.bench.peer.dl4j;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Gates;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Tensors;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/// A training step by a layer of Deeplearning4j, the way its truncated back-propagation takes: from a
/// stored state on, over all T steps. Its backward pass computes the forward pass again.
///
/// Its weights are `[K, G*H]` with the gates of an LSTM in the order g, f, o, i, and it has one bias. It
/// tells no gradient of the initial state.
final class Dl4jTraining implements PeerStep {
  private static final String[] STATES = {"prevAct", "prevMem"};

  private final Shape shape;
  private final Gates gates;
  private final RecurrentLayer layer;
  private final INDArray input;
  private final INDArray outputGradient;
  private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
  private final Map<String, INDArray> states = new HashMap<>();
  private INDArray output;
  private Pair<Gradient, INDArray> gradients;

  Dl4jTraining(Problem problem) {
    shape = problem.shape();
    int width = shape.width();
    gates = shape.cell() == CellKind.LSTM ? new Gates(width, 2, 1, 3, 0) : new Gates(width, 0);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder().list().layer(0, configuration()).build());
    network.init();
    network.initGradientsView();
    layer = (RecurrentLayer) network.getLayer(0);
    set("W", gates.inputMajor(problem.weightIh(), width));
    set("RW", gates.inputMajor(problem.weightHh(), width));
    float[] bias = new float[shape.gateRows()];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = problem.biasIh()[i] + problem.biasHh()[i];
    }
    set("b", gates.rows(bias, 1));
    for (int i = 0; i < shape.cell().states(); i++) {
      states.put(
          STATES[i],
          Nd4j.create(problem.initialStates().get(i), new long[] {shape.batch(), width}, 'c'));
    }
    input = sequence(problem.input());
    outputGradient = sequence(problem.outputGradient());
  }

  private BaseRecurrentLayer configuration() {
    int width = shape.width();
    return shape.cell() == CellKind.LSTM
        ? new LSTM.Builder()
            .nIn(width)
            .nOut(width)
            .activation(Activation.TANH)
            .gateActivationFunction(Activation.SIGMOID)
            .build()
        : new SimpleRnn.Builder().nIn(width).nOut(width).activation(Activation.TANH).build();
  }

  private void set(String parameter, float[] values) {
    INDArray target = layer.getParam(parameter);
    target.assign(Nd4j.create(values, target.shape(), 'c'));
  }

  /// `[T, B, F]` as `[B, F, T]`, each step's numbers next to each other.
  private INDArray sequence(float[] values) {
    long[] sizes = {shape.steps(), shape.batch(), shape.width()};
    return Nd4j.create(values, sizes, 'c').permute(1, 2, 0).dup('f');
  }

  private static float[] timeMajor(INDArray sequence) {
    return sequence.permute(2, 0, 1).dup('c').data().asFloat();
  }

  @Override
  public String implementation() {
    return "backward computes forward again"
        + (shape.start() == Start.ZERO ? "; from a zero state, it ignores any other" : "");
  }

  @Override
  public void run() {
    layer.setInput(input, workspaces);
    // The forward pass starts from one, the backward pass from the other and changes the former.
    layer.rnnSetTBPTTState(new HashMap<>(states));
    layer.rnnSetPreviousState(states);
    output = layer.rnnActivateUsingStoredState(input, true, false, workspaces);
    gradients = layer.tbpttBackpropGradient(outputGradient, shape.steps(), workspaces);
  }

  @Override
  public Tensors results() {
    float[] bias = gates.fromRows(gradient("b"), 1);
    return new Tensors()
        .with(Tensors.OUTPUT, timeMajor(output))
        .with(Tensors.INPUT_GRADIENT, timeMajor(gradients.getSecond()))
        .with(Tensors.WEIGHT_IH_GRADIENT, gates.fromInputMajor(gradient("W"), shape.width()))
        .with(Tensors.WEIGHT_HH_GRADIENT, gates.fromInputMajor(gradient("RW"), shape.width()))
        .with(Tensors.BIAS_IH_GRADIENT, bias)
        .with(Tensors.BIAS_HH_GRADIENT, bias.clone());
  }

  private float[] gradient(String parameter) {
    return gradients.getFirst().getGradientFor(parameter).dup('c').data().asFloat();
  }
}
