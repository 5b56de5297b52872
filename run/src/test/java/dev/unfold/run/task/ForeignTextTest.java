package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.head.Head;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Networks of other programs get the tokens that their users name.
final class ForeignTextTest {
  @TempDir private Path folder;

  private static Network network(Bias bias) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru().withBias(bias), new Encoder.Embedding(3, 2), 4, 1, new Head.Classes(3));
    return Network.create(spec, Backends.named("scalar", Precision.FLOAT), 1);
  }

  @Test
  void model_withATokenMore_saysTheSameOfTheOthers() {
    Network network = network(Bias.PER_OPERAND);
    LanguageModel model = ForeignText.of(network, Unit.CHAR, List.of("a", "b", "c"));
    assertEquals(List.of("a", "b", "c", "\uFFFD"), model.vocabulary());
    Inputs inputs = new Inputs.Tokens(new int[] {0, 2, 1, 1}, 0);
    Matrix own = new Runner(network).runWhole(inputs, 4);
    Matrix other = new Runner(model.network()).runWhole(inputs, 4);
    for (int row = 0; row < 4; row++) {
      double[] expected = network.spec().head().prediction(own, row);
      double[] got = model.network().spec().head().prediction(other, row);
      for (int k = 0; k < 3; k++) {
        assertEquals(expected[k], got[k], 1e-6);
      }
      assertTrue(got[3] < 1e-9);
    }
    Network first = ForeignText.first(model.network(), 3);
    assertEquals(
        0,
        first.parameters().matrix("head.bias").get(0, 0)
            - network.parameters().matrix("head.bias").get(0, 0));
  }

  @Test
  void model_withShiftedLogits_neverPredictsTheTokenMore() {
    for (double shift : new double[] {-50, 50}) {
      Network network = network(Bias.PER_OPERAND);
      Matrix hidden = network.parameters().matrix("head.weight");
      Matrix bias = network.parameters().matrix("head.bias");
      for (int k = 0; k < 3; k++) {
        for (int c = 0; c < hidden.cols(); c++) {
          hidden.set(k, c, hidden.get(k, c) + shift * (c + 1));
        }
        bias.set(0, k, 10 * k * shift);
      }
      network.parameters().changed();
      LanguageModel model = ForeignText.of(network, Unit.WORD, List.of("a", "b", "c"));
      assertTrue(ForeignText.compare(network, model).isClose());
      Matrix outputs =
          new Runner(model.network()).runWhole(new Inputs.Tokens(new int[] {0, 1, 2, 3, 4}, 0), 5);
      for (int row = 0; row < 5; row++) {
        double mean = (outputs.get(row, 0) + outputs.get(row, 1) + outputs.get(row, 2)) / 3;
        assertEquals(mean - 30, outputs.get(row, 3), 1e-3);
        assertEquals(mean - 30, outputs.get(row, 4), 1e-3);
        assertTrue(model.network().spec().head().prediction(outputs, row)[3] < 1e-13);
      }
      model.network().parameters().matrix("head.bias").set(0, 4, 1e4);
      model.network().parameters().changed();
      assertFalse(ForeignText.compare(network, model).isClose());
    }
  }

  @Test
  void model_ofAFileThatIsNoVocabulary_namesTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("tokens.txt"), "a\nb\nb\n");
    DataException refusal =
        assertThrows(
            DataException.class,
            () -> ForeignText.of(network(Bias.PER_OPERAND), file, Optional.empty()));
    assertEquals(
        file + ": tokens[2]: expected a token of its own, got \"b\" as tokens[1]",
        refusal.getMessage());
    Files.writeString(file, "a\nb\nbc\n");
    assertEquals("WORD", ForeignText.of(network(Bias.PER_OPERAND), file, Optional.empty()).unit());
    assertThrows(
        DataException.class,
        () -> ForeignText.of(network(Bias.PER_OPERAND), file, Optional.of(Unit.CHAR)));
  }

  @Test
  void model_ofBytes_saysHowManyTokensItTakes() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ForeignText.of(
                    network(Bias.PER_OPERAND), Unit.BYTE, Vocabulary.ofBytes().tokens()));
    assertEquals(
        "unit: expected a network of V=256 tokens for bytes, got V=3", refusal.getMessage());
  }

  @Test
  void model_ofWhatCannotBe_isRefused() {
    Network unbiased = network(Bias.NONE);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> ForeignText.of(unbiased, Unit.CHAR, List.of("a", "b", "c")));
    assertTrue(refusal.getMessage().contains("no bias"), refusal::getMessage);
    List<String> whole = List.of("a", "b", "\uFFFD");
    assertEquals(whole, ForeignText.of(unbiased, Unit.CHAR, whole).vocabulary());
    assertThrows(
        IllegalArgumentException.class,
        () -> ForeignText.of(network(Bias.NONE), Unit.WORD, List.of("a")));
  }
}
