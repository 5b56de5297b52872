package dev.unfold.formats.graph;

import java.util.List;
import java.util.Map;

/// Recurrent layers, one or both directions of them.
final class RecurrentOperators {
  private RecurrentOperators() {}

  static void addTo(Map<String, Operator> all) {
    all.put("RNN", new Operator(3, 6, 2, RecurrentOperators::rnn));
    all.put("GRU", new Operator(3, 6, 2, RecurrentOperators::gru));
    all.put("LSTM", new Operator(3, 8, 3, RecurrentOperators::lstm));
  }

  /// H = f(W x + R H + b)
  private static List<GraphTensor> rnn(Call call) {
    Recurrence layer = new Recurrence(call, 1, List.of("Tanh"));
    double[][] h = layer.initial(5);
    int hidden = layer.hidden();
    GraphTensor y =
        layer.run(
            h,
            at -> {
              double[] state = layer.of(h, at);
              double[] next = new double[hidden];
              for (int k = 0; k < hidden; k++) {
                double net = layer.net(at, 0, k, state);
                next[k] = layer.type().rounded(layer.activated(at.d(), 0, net));
              }
              System.arraycopy(next, 0, state, 0, hidden);
            });
    return List.of(y, layer.states(h));
  }

  /// z, r by f, the new value by g; H = (1 - z) n + z H.
  private static List<GraphTensor> gru(Call call) {
    Recurrence layer = new Recurrence(call, 3, List.of("Sigmoid", "Tanh"));
    boolean isResetAfter = call.flag("linear_before_reset");
    double[][] h = layer.initial(5);
    int hidden = layer.hidden();
    GraphTensor y =
        layer.run(
            h,
            at -> {
              double[] state = layer.of(h, at);
              double[] z = new double[hidden];
              double[] r = new double[hidden];
              double[] reset = new double[hidden];
              double[] next = new double[hidden];
              for (int k = 0; k < hidden; k++) {
                z[k] = layer.activated(at.d(), 0, layer.net(at, 0, k, state));
                r[k] = layer.activated(at.d(), 0, layer.net(at, 1, k, state));
                reset[k] = r[k] * state[k];
              }
              for (int k = 0; k < hidden; k++) {
                double seen =
                    isResetAfter
                        ? r[k] * layer.recurrent(at.d(), 2, k, state)
                        : layer.recurrent(at.d(), 2, k, reset);
                double n = layer.activated(at.d(), 1, layer.input(at, 2, k) + seen);
                next[k] = layer.type().rounded((1 - z[k]) * n + z[k] * state[k]);
              }
              System.arraycopy(next, 0, state, 0, hidden);
            });
    return List.of(y, layer.states(h));
  }

  /// i, o, f by f, the new value by g; C = f C + i c, H = o h(C). Peepholes of i and f see C of the step before, that
  /// of o the new one. What h reads is not clipped, as in ONNX Runtime: clip is for the net inputs.
  private static List<GraphTensor> lstm(Call call) {
    Recurrence layer = new Recurrence(call, 4, List.of("Sigmoid", "Tanh", "Tanh"));
    boolean isCoupled = call.flag("input_forget");
    double[][] h = layer.initial(5);
    double[][] c = layer.initial(6);
    int hidden = layer.hidden();
    double[] p =
        call.has(7)
            ? call.shaped(7, layer.type(), "P [D, 3 H]", layer.directions(), 3 * hidden).ownReals()
            : new double[layer.directions() * 3 * hidden];
    GraphTensor y =
        layer.run(
            h,
            at -> {
              double[] state = layer.of(h, at);
              double[] memory = layer.of(c, at);
              double[] next = new double[hidden];
              for (int k = 0; k < hidden; k++) {
                double[] net = new double[4];
                for (int g = 0; g < net.length; g++) {
                  net[g] = layer.net(at, g, k, state);
                }
                int peephole = at.d() * 3 * hidden + k;
                double i = layer.activated(at.d(), 0, net[0] + p[peephole] * memory[k]);
                double forget = net[2] + p[peephole + 2 * hidden] * memory[k];
                double f = isCoupled ? 1 - i : layer.activated(at.d(), 0, forget);
                double g = layer.activated(at.d(), 1, net[3]);
                memory[k] = layer.type().rounded(f * memory[k] + i * g);
                double o = layer.activated(at.d(), 0, net[1] + p[peephole + hidden] * memory[k]);
                next[k] = layer.type().rounded(o * layer.unclipped(at.d(), 2, memory[k]));
              }
              System.arraycopy(next, 0, state, 0, hidden);
            });
    return List.of(y, layer.states(h), layer.states(c));
  }
}
