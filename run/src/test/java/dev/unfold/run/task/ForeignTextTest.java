package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Unit;
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

  private List<String> tokens(String text) throws IOException {
    return ForeignText.tokens(Files.writeString(folder.resolve("tokens"), text));
  }

  @Test
  void tokens_ofEachForm_areRead() throws IOException {
    List<String> expected = List.of("[", "b", "\n");
    assertEquals(expected, tokens("[\"[\", \"b\", \"\\n\"]"));
    assertEquals(expected, tokens("{\"b\": 1, \"\\n\": 2, \"[\": 0}"));
    assertEquals(List.of("[", "b", " "), tokens("[\nb\n \n"));
    assertThrows(DataException.class, () -> tokens(""));
    assertThrows(DataException.class, () -> tokens("{\"a\": 0, \"b\": 2}"));
    assertThrows(DataException.class, () -> tokens("[\"a\", 1]"));
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
