package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.head.Head;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Networks of other programs as models of text: what their tokens are, a user says.
///
/// Every vocabulary has a token for what it lacks ([Vocabulary]). A network that has none gets one more token, which is
/// read as the mean of all others and is as good as never predicted: what is said of the others stays as it is.
public final class ForeignText {
  /// How far what the readout says of a token that was added lies below the mean of the others: its probability is at
  /// most e^-30 / V.
  private static final double BELOW = 30;

  private static final int STEPS = 64;
  private static final int BATCH = 2;

  private ForeignText() {}

  /// A model of text with the tokens in a file: a JSON array of them, a JSON object with the number of each, or one on
  /// each line.
  ///
  /// @param unit what a token is; if it is not said, a character if all are single ones, else a word
  ///
  /// **Errors**: [DataException] if the file has no such tokens; [IllegalArgumentException] as [#of(Network, Unit,
  /// List)].
  public static LanguageModel of(Network network, Path vocabulary, Optional<Unit> unit) {
    List<String> tokens = ForeignTokens.read(vocabulary);
    Unit own = unit.orElseGet(() -> unit(tokens));
    try {
      return of(network, own, tokens);
    } catch (Refusal e) {
      if (e.argument().startsWith("tokens")) {
        throw new DataException(vocabulary + ": " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static Unit unit(List<String> tokens) {
    return tokens.stream().allMatch(token -> token.codePointCount(0, token.length()) == 1)
        ? Unit.CHAR
        : Unit.WORD;
  }

  /// A model of text.
  ///
  /// @param tokens those that the network reads, in the order of its table
  ///
  /// **Errors**: [IllegalArgumentException] if they are not as many, or no vocabulary of `unit`; if the network does
  /// not read tokens and predict as many classes.
  public static LanguageModel of(Network network, Unit unit, List<String> tokens) {
    NetworkSpec spec = Expect.given("network", network).spec();
    String argument = unit == Unit.BYTE ? "unit" : "vocabulary";
    if (!(spec.encoder() instanceof Encoder.Embedding table)
        || !spec.head().equals(new Head.Classes(table.vocabulary()))) {
      throw new Refusal(
          argument,
          "a network that reads tokens and predicts as many classes",
          "one with a head of %s, K=%d".formatted(spec.head().text(), spec.outputs()));
    }
    if (tokens.size() != table.vocabulary()) {
      throw unit == Unit.BYTE
          ? new Refusal(argument, "a network of V=256 tokens for bytes", "V=" + table.vocabulary())
          : new Refusal(argument, "V=%d tokens".formatted(table.vocabulary()), tokens.size());
    }
    List<String> all = new ArrayList<>(tokens);
    for (String reserved : Vocabulary.reserved(unit)) {
      if (!all.contains(reserved)) {
        all.add(reserved);
      }
    }
    Vocabulary vocabulary = Vocabulary.of(unit, all);
    int more = all.size() - tokens.size();
    return LanguageModel.of(
        more == 0 ? network : grown(network, all.size()), unit.name(), vocabulary.tokens());
  }

  private static Network grown(Network network, int size) {
    if (!Network.shapes(network.spec()).keySet().containsAll(Set.of(Head.WEIGHT, Head.BIAS))) {
      throw new Refusal(
          "vocabulary",
          "tokens with one for what they lack, since the readout has no bias to add it by",
          "none");
    }
    return resized(network, size);
  }

  /// The network of the first `size` tokens alone: what one was before others were added.
  public static Network first(Network network, int size) {
    return resized(network, size);
  }

  private static Network resized(Network network, int size) {
    NetworkSpec spec = network.spec();
    NetworkSpec other =
        new NetworkSpec(
            new Encoder.Embedding(size, spec.encoder().width()),
            spec.stack(),
            new Head.Classes(size),
            spec.wiring(),
            spec.noise(),
            spec.start());
    Network resized = Network.zeros(other, network.kernels());
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix from = network.parameters().matrix(tensor.name()).toHost();
      Matrix to = resized.parameters().matrix(tensor.name());
      Matrix own = Matrix.onHeap(from.buffer().type(), to.rows(), to.cols());
      for (int r = 0; r < Math.min(from.rows(), to.rows()); r++) {
        for (int c = 0; c < Math.min(from.cols(), to.cols()); c++) {
          own.set(r, c, from.get(r, c));
        }
      }
      if (size > spec.outputs()) {
        addMeans(own, tensor.name(), spec.outputs());
      }
      to.copy(own);
    }
    resized.parameters().changed();
    return resized;
  }

  /// The rows of tokens from `first` on: the mean of those before, and the biases below it.
  private static void addMeans(Matrix own, String name, int first) {
    if (name.equals(Network.EMBEDDING) || name.equals(Head.WEIGHT)) {
      for (int c = 0; c < own.cols(); c++) {
        int col = c;
        double mean = mean(first, r -> own.get(r, col));
        for (int r = first; r < own.rows(); r++) {
          own.set(r, c, mean);
        }
      }
    } else if (name.equals(Head.BIAS)) {
      double mean = mean(first, i -> own.get(0, i));
      for (int i = first; i < own.cols(); i++) {
        own.set(0, i, mean - BELOW);
      }
    }
  }

  private static double mean(int count, IntToDoubleFunction each) {
    return IntStream.range(0, count).mapToDouble(each).average().orElse(0);
  }

  /// How far the probabilities of a network's own tokens are from those that it says of them as a model of text, over
  /// a few steps of random tokens: the tokens that it got beside them must change nothing.
  public static Parity.Row compare(Network own, LanguageModel text) {
    Inputs inputs =
        Parity.input(Expect.given("own", own).spec().encoder(), own.kernels(), STEPS, BATCH);
    int tokens = own.spec().outputs();
    return Parity.Row.of(
        "tokens",
        said(own, inputs, tokens),
        said(Expect.given("text", text).network(), inputs, tokens),
        Optional.of(BATCH * tokens));
  }

  private static double[] said(Network network, Inputs inputs, int tokens) {
    int[] lengths = new int[BATCH];
    Arrays.fill(lengths, STEPS);
    Matrix outputs = new Runner(network).runWhole(inputs, lengths);
    return IntStream.range(0, outputs.rows())
        .mapToObj(row -> network.spec().head().prediction(outputs, row))
        .flatMapToDouble(all -> Arrays.stream(all, 0, tokens))
        .toArray();
  }
}
