package dev.unfold.bench.peer.onednn;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Gates;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A training step by oneDNN.
///
/// The weights that an optimizer would update are kept in the layout that oneDNN has chosen for their
/// gradients. Laying them out is their reordering into what the forward and the backward primitive want, where that
/// is another.
final class OneDnnTraining implements PeerStep {
  private final Shape shape;
  private final Recurrence recurrence;
  private final Dnnl dnnl;
  private final Descriptors descriptors;
  private final Map<Integer, DnnlMemory> memory = new HashMap<>();
  private final List<DnnlPrimitive> layOut = new ArrayList<>();
  private final List<DnnlPrimitive> passes = new ArrayList<>();
  private final String implementation;

  OneDnnTraining(Dnnl dnnl, Problem problem) {
    this.dnnl = dnnl;
    shape = problem.shape();
    recurrence = new Recurrence(shape);
    descriptors = Descriptors.of(dnnl, shape, recurrence.biases());
    MemorySegment forward = recurrence.forward(dnnl, descriptors);
    MemorySegment backward = recurrence.backward(dnnl, descriptors, forward);
    implementation = dnnl.implementation(forward) + " and " + dnnl.implementation(backward);
    allocate(problem);
    allocateGradients(problem);
    memory.put(Argument.WORKSPACE, dnnl.memory(dnnl.chosen(forward, Argument.WORKSPACE)));
    Map<Integer, DnnlMemory> gradients = gradients(backward);
    DnnlMemory[] weights = {
      weights(problem.weightIh(), gradients.get(Argument.DIFF + Argument.WEIGHTS_LAYER)),
      weights(problem.weightHh(), gradients.get(Argument.DIFF + Argument.WEIGHTS_ITER))
    };
    passes.add(new DnnlPrimitive(dnnl, forward, arguments(forward, weights)));
    Map<Integer, DnnlMemory> all = arguments(backward, weights);
    all.putAll(gradients);
    passes.add(new DnnlPrimitive(dnnl, backward, all));
  }

  @Override
  public String implementation() {
    return implementation;
  }

  private void allocate(Problem problem) {
    memory.put(Argument.SRC_LAYER, dnnl.memory(descriptors.sequence()).set(problem.input()));
    memory.put(Argument.DST_LAYER, dnnl.memory(descriptors.sequence()));
    memory.put(
        Argument.BIAS,
        dnnl.memory(descriptors.bias()).set(recurrence.bias(problem.biasIh(), problem.biasHh())));
    for (int i = 0; i < shape.cell().states(); i++) {
      DnnlMemory state = dnnl.memory(descriptors.state());
      memory.put(Argument.SRC_ITER + i, state.set(problem.initialStates().get(i)));
      memory.put(Argument.DST_ITER + i, dnnl.memory(descriptors.state()));
    }
  }

  private void allocateGradients(Problem problem) {
    int diff = Argument.DIFF;
    memory.put(diff + Argument.SRC_LAYER, dnnl.memory(descriptors.sequence()));
    memory.put(
        diff + Argument.DST_LAYER,
        dnnl.memory(descriptors.sequence()).set(problem.outputGradient()));
    memory.put(diff + Argument.BIAS, dnnl.memory(descriptors.bias()));
    for (int i = 0; i < shape.cell().states(); i++) {
      memory.put(diff + Argument.SRC_ITER + i, dnnl.memory(descriptors.state()));
      // The loss depends on the final state through the output alone.
      DnnlMemory zeros = dnnl.memory(descriptors.state());
      zeros.data().fill((byte) 0);
      memory.put(diff + Argument.DST_ITER + i, zeros);
    }
  }

  /// The weights as an optimizer would update them, laid out like their gradient.
  private DnnlMemory weights(float[] ours, DnnlMemory gradient) {
    float[] theirs = recurrence.gates().inputMajor(ours, shape.width());
    DnnlMemory plain = dnnl.memory(descriptors.weights()).set(theirs);
    return dnnl.reordered(plain, gradient.descriptor());
  }

  /// What a primitive reads and writes of a forward pass, its weights in the layout that it has chosen.
  private Map<Integer, DnnlMemory> arguments(MemorySegment primitive, DnnlMemory[] weights) {
    Map<Integer, DnnlMemory> arguments = new HashMap<>();
    memory.forEach((argument, value) -> {
      if (argument < Argument.DIFF) {
        arguments.put(argument, value);
      }
    });
    for (int i = 0; i < weights.length; i++) {
      MemorySegment chosen = dnnl.chosen(primitive, Argument.WEIGHTS_LAYER + i);
      DnnlMemory own = weights[i];
      if (!dnnl.equal(chosen, own.descriptor())) {
        own = dnnl.memory(chosen);
        layOut.add(DnnlPrimitive.reorder(dnnl, weights[i], own));
      }
      arguments.put(Argument.WEIGHTS_LAYER + i, own);
    }
    return arguments;
  }

  /// All gradients, those of the weights in the layout that the primitive has chosen.
  private Map<Integer, DnnlMemory> gradients(MemorySegment primitive) {
    for (int i = 0; i < 2; i++) {
      int argument = Argument.DIFF + Argument.WEIGHTS_LAYER + i;
      memory.put(argument, dnnl.memory(dnnl.chosen(primitive, argument)));
    }
    Map<Integer, DnnlMemory> gradients = new HashMap<>(memory);
    gradients.keySet().removeIf(argument -> argument < Argument.DIFF);
    return gradients;
  }

  @Override
  public void layOut() {
    for (DnnlPrimitive reorder : layOut) {
      reorder.run();
    }
  }

  @Override
  public void run() {
    for (DnnlPrimitive pass : passes) {
      pass.run();
    }
  }

  @Override
  public Tensors results() {
    int diff = Argument.DIFF;
    Gates gates = recurrence.gates();
    float[] bias = get(diff + Argument.BIAS);
    Tensors tensors =
        new Tensors()
            .with(Tensors.OUTPUT, get(Argument.DST_LAYER))
            .with(Tensors.INPUT_GRADIENT, get(diff + Argument.SRC_LAYER))
            .with(
                Tensors.WEIGHT_IH_GRADIENT,
                gates.fromInputMajor(weightGradient(Argument.WEIGHTS_LAYER), shape.width()))
            .with(
                Tensors.WEIGHT_HH_GRADIENT,
                gates.fromInputMajor(weightGradient(Argument.WEIGHTS_ITER), shape.width()))
            .with(Tensors.BIAS_IH_GRADIENT, recurrence.biasIh(bias))
            .with(Tensors.BIAS_HH_GRADIENT, recurrence.biasHh(bias));
    for (int i = 0; i < shape.cell().states(); i++) {
      tensors
          .with(Tensors.finalState(i), get(Argument.DST_ITER + i))
          .with(Tensors.initialStateGradient(i), get(diff + Argument.SRC_ITER + i));
    }
    return tensors;
  }

  private float[] weightGradient(int argument) {
    return dnnl.reordered(memory.get(Argument.DIFF + argument), descriptors.weights()).get();
  }

  private float[] get(int argument) {
    return memory.get(argument).get();
  }
}
