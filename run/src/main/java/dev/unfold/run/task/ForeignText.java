package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Networks of other programs as models of text: what their tokens are, a user says.
///
/// Every vocabulary has a token for what it lacks ([Vocabulary]). A network that has none gets one more token, which is
/// read as the mean of all others and is as good as never predicted: what it says of the others stays as it is.
public final class ForeignText {
  /// A file of more bytes is no list of tokens.
  private static final long MOST = 1 << 28;

  /// How far the readout's bias of a token that was added lies below all others.
  private static final double BELOW = 30;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ForeignText() {}

  /// The tokens in a file: a JSON array of them, a JSON object with the number of each, from 0 on, or one on each line.
  ///
  /// **Errors**: [DataException] if the file is none of these.
  public static List<String> tokens(Path file) {
    String text = text(file).strip();
    if (text.startsWith("[") || text.startsWith("{")) {
      try {
        return tokens(file, JSON.readTree(text));
      } catch (JacksonException e) {
        // Tokens may be brackets, too: the lines below.
      }
    }
    List<String> lines = new ArrayList<>(text(file).lines().toList());
    if (lines.isEmpty()) {
      throw new DataException(file + ": expected tokens, one on each line or as JSON, found none");
    }
    return lines;
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MOST) {
        throw new DataException(
            "%s: expected a list of tokens of at most %d bytes, got %d"
                .formatted(file, MOST, Files.size(file)));
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new DataException(file + ": expected UTF-8, got other bytes", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<String> tokens(Path file, JsonNode all) {
    String[] tokens = new String[all.size()];
    int i = 0;
    for (Map.Entry<String, JsonNode> entry : all.properties()) {
      JsonNode number = entry.getValue();
      int at = number.isInt() ? number.intValue() : -1;
      if (at < 0 || at >= tokens.length || tokens[at] != null) {
        throw new DataException(
            "%s: expected numbers 0 to %d, each for one token, got %s for token %d of the file"
                .formatted(file, tokens.length - 1, number.isInt() ? at : "another", i));
      }
      tokens[at] = entry.getKey();
      i++;
    }
    if (all.isArray()) {
      for (JsonNode token : all) {
        if (!token.isString()) {
          throw new DataException(file + ": expected texts alone in the list, got others");
        }
        tokens[i++] = token.stringValue();
      }
    }
    return List.of(tokens);
  }

  /// A model of text.
  ///
  /// @param tokens those that the network reads, in the order of its table
  ///
  /// **Errors**: [IllegalArgumentException] if they are not as many, or no vocabulary of `unit`; if the network does not
  /// read tokens and predict as many classes.
  public static LanguageModel of(Network network, Unit unit, List<String> tokens) {
    NetworkSpec spec = Expect.given("network", network).spec();
    if (!(spec.encoder() instanceof Encoder.Embedding table)
        || !spec.head().equals(new Head.Classes(table.vocabulary()))) {
      throw new Refusal(
          "vocabulary",
          "a network that reads tokens and predicts as many classes",
          "one with a head of %s, K=%d".formatted(spec.head().text(), spec.outputs()));
    }
    if (tokens.size() != table.vocabulary()) {
      throw new Refusal("vocabulary", "V=%d tokens".formatted(table.vocabulary()), tokens.size());
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
      if (tensor.name().equals(Network.EMBEDDING) && size > from.rows()) {
        addMeans(own, from.rows());
      } else if (tensor.name().equals(Head.BIAS)) {
        double[] biases = new double[from.cols()];
        Arrays.setAll(biases, i -> from.get(0, i));
        double least = Arrays.stream(biases).min().orElse(0);
        for (int i = biases.length; i < own.cols(); i++) {
          own.set(0, i, least - BELOW);
        }
      }
      to.copy(own);
    }
    resized.parameters().changed();
    return resized;
  }

  /// Rows from `first` on: the mean of those before.
  private static void addMeans(Matrix table, int first) {
    for (int c = 0; c < table.cols(); c++) {
      double sum = 0;
      for (int r = 0; r < first; r++) {
        sum += table.get(r, c);
      }
      for (int r = first; r < table.rows(); r++) {
        table.set(r, c, sum / first);
      }
    }
  }
}
