package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Inputs;
import org.junit.jupiter.api.Test;

final class TextModelTest {
  private static final String TEXT = "to be or not to be, that is the question\n".repeat(9);

  private static TextModel model() {
    Vocabulary vocabulary = Corpus.of(Unit.CHAR, "text", TEXT).vocabulary();
    NetworkSpec spec = NetworkSpec.tokens(Cells.gru(), vocabulary.size(), 5, 7);
    Network network = Network.create(spec, Backends.named("scalar", Precision.DOUBLE), 3);
    return new TextModel(network, vocabulary);
  }

  /// The probabilities are those of the head, step by step.
  @Test
  void perplexity_ofAText_isThatOfItsProbabilities() {
    TextModel model = model();
    int[] tokens = model.vocabulary().encode("to be");
    Matrix outputs =
        new Runner(model.network())
            .run(new Inputs.Tokens(tokens, 0), model.network().zeroState(1))
            .outputs();
    double nats = 0;
    for (int t = 0; t < tokens.length - 1; t++) {
      nats -= Math.log(model.network().spec().head().prediction(outputs, t)[tokens[t + 1]]);
    }

    assertEquals(Math.exp(nats / (tokens.length - 1)), model.perplexity("to be"), 1e-9);
    assertThrows(IllegalArgumentException.class, () -> model.perplexity("t"));
  }

  @Test
  void text_ofASeed_isTheSameEachTime() {
    TextModel model = model();
    String first = model.generate("to ", 40, 0.8, 5);

    assertEquals(40, first.codePointCount(0, first.length()));
    assertEquals(first, model.generate("to ", 40, 0.8, 5));
    assertNotEquals(first, model.generate("to ", 40, 0.8, 6));
    assertEquals("", model.generate("", 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> model.generate("", -1, 1, 1));
  }
}
