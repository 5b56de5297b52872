package dev.unfold.run.score;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.train.Evaluation;
import java.util.Arrays;
import java.util.List;

/// A language model that counts: the probability of a token after the n - 1 tokens before it, interpolated with that
/// after fewer of them (Witten-Bell). It is what a network has to beat to be worth its training.
///
/// **Math**: with c(u) how often context u was followed by a token, and d(u) by how many different ones,
///
///     p(w | u) = (c(u w) + d(u) p(w | u')) / (c(u) + d(u))
///
/// where u' is u without its first token, and p = 1/V before the empty context.
///
/// **Memory**: about 40 bytes for each different sequence of up to n tokens in the training text.
///
/// **Threads**: one at a time while it learns; then any number.
///
/// **Source**: T. Bell, J. Cleary, I. Witten, Text compression, 1990; I. Witten, T. Bell, The zero-frequency problem,
/// 1991, method C.
public final class NGram {
  private static final int ROOT = 0;
  private static final int NONE = -1;

  private final int order;
  private final int tokens;

  /// Nodes of a tree of all contexts, each followed by the tokens that came behind it: how often a node was come to,
  /// how often it was left, and for how many different ones.
  private int[] count = new int[1 << 10];

  private int[] left = new int[1 << 10];
  private int[] different = new int[1 << 10];
  private int nodes = 1;

  /// Open addressing: a node and a token, and the node that follows; 0 for an empty place, since nothing leads to the
  /// root.
  private long[] keys = new long[1 << 12];

  private int[] values = new int[1 << 12];

  /// @param order n, the tokens of the longest sequence that is counted
  /// @param tokens V
  public NGram(int order, int tokens) {
    Expect.positive("order", "n", order);
    Expect.positive("tokens", "V", tokens);
    this.order = order;
    this.tokens = tokens;
  }

  /// Counts what follows what in a sequence, of which the first token is only followed.
  public void learn(int... sequence) {
    for (int t = 1; t < Expect.given("sequence", sequence).length; t++) {
      expectToken(sequence[t]);
      for (int from = Math.max(0, t - order + 1); from <= t; from++) {
        int node = ROOT;
        for (int i = from; i < t; i++) {
          node = child(node, sequence[i]);
        }
        int next = child(node, sequence[t]);
        left[node]++;
        different[node] += count[next] == 0 ? 1 : 0;
        count[next]++;
      }
    }
  }

  private void expectToken(int token) {
    if (token < 0 || token >= tokens) {
      throw new Refusal("token", "0 to V-1=" + (tokens - 1), token);
    }
  }

  /// p of the token at place `t` of a sequence, given those before it.
  public double probability(int[] sequence, int t) {
    double p = 1.0 / tokens;
    for (int from = t; from >= Math.max(0, t - order + 1); from--) {
      int node = ROOT;
      for (int i = from; i < t && node != NONE; i++) {
        node = find(node, sequence[i]);
      }
      if (node == NONE || left[node] == 0) {
        return p;
      }
      int next = find(node, sequence[t]);
      double times = next == NONE ? 0 : count[next];
      p = (times + different[node] * p) / ((double) left[node] + different[node]);
    }
    return p;
  }

  /// How well it predicts sequences: each token but the first of each.
  public Evaluation evaluate(List<int[]> sequences) {
    double nats = 0;
    long predicted = 0;
    for (int[] sequence : sequences) {
      for (int t = 1; t < sequence.length; t++) {
        nats -= Math.log(probability(sequence, t));
        predicted++;
      }
    }
    return new Evaluation(nats, predicted);
  }

  private int find(int node, int token) {
    long key = key(node, token);
    for (int place = place(key); values[place] != 0; place = (place + 1) & (keys.length - 1)) {
      if (keys[place] == key) {
        return values[place];
      }
    }
    return NONE;
  }

  private int child(int node, int token) {
    int found = find(node, token);
    if (found != NONE) {
      return found;
    }
    if (2 * nodes >= keys.length) {
      grow();
    }
    if (nodes == count.length) {
      count = Arrays.copyOf(count, 2 * nodes);
      left = Arrays.copyOf(left, 2 * nodes);
      different = Arrays.copyOf(different, 2 * nodes);
    }
    put(key(node, token), nodes);
    return nodes++;
  }

  private void put(long key, int value) {
    int place = place(key);
    while (values[place] != 0) {
      place = (place + 1) & (keys.length - 1);
    }
    keys[place] = key;
    values[place] = value;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != 0) {
        put(oldKeys[i], oldValues[i]);
      }
    }
  }

  private static long key(int node, int token) {
    return (long) node << 32 | token;
  }

  private int place(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) & (keys.length - 1);
  }
}
