package dev.unfold.bench.problem;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a peer computed, by name, in PyTorch's layout. A peer that cannot tell some of it leaves it out.
public final class Tensors {
  /// h(t) of all steps, `[T, B, H]`.
  public static final String OUTPUT = "output";

  /// `[T, B, I]`
  public static final String INPUT_GRADIENT = "grad input";

  /// `[G*H, I]`
  public static final String WEIGHT_IH_GRADIENT = "grad weight_ih";

  /// `[G*H, H]`
  public static final String WEIGHT_HH_GRADIENT = "grad weight_hh";

  /// `[G*H]`
  public static final String BIAS_IH_GRADIENT = "grad bias_ih";

  /// `[G*H]`
  public static final String BIAS_HH_GRADIENT = "grad bias_hh";

  /// The loss of each of the first steps of whole training.
  public static final String LOSSES = "losses";

  /// The norm of the gradients of each of these steps, before they are clipped.
  public static final String NORMS = "gradient norms";

  private static final String[] STATES = {"h", "c"};

  private final Map<String, float[]> byName = new LinkedHashMap<>();

  /// State `index` after the last step, `[B, H]`.
  public static String finalState(int index) {
    return "final " + STATES[index];
  }

  /// The gradient of state `index` before the first step, `[B, H]`.
  public static String initialStateGradient(int index) {
    return "grad initial " + STATES[index];
  }

  /// Adds one.
  public Tensors with(String name, float[] values) {
    byName.put(name, values);
    return this;
  }

  /// All of them.
  public Map<String, float[]> byName() {
    return byName;
  }
}
