package dev.unfold.model.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a network starts from if it is told.
final class InitializationTest {
  private static final int I = 12;
  private static final int H = 20;

  private static Parameters draw(Cell cell, String initialization) {
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Embedding(5, I), H, 2, 5);
    return Network.create(
            spec, TestBackends.scalar(Precision.DOUBLE), 7, Initialization.parse(initialization))
        .parameters();
  }

  private static double[] numbers(Matrix matrix) {
    double[] values = new double[matrix.rows() * matrix.cols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Numbers.get(matrix, i / matrix.cols(), i % matrix.cols());
    }
    return values;
  }

  /// Numbers `from` to `to` - 1 of a vector.
  private static double[] numbers(Parameters parameters, String name, int from, int to) {
    return numbers(parameters.matrix(name).columns(from, to - from));
  }

  private static double[] filled(double value) {
    double[] values = new double[H];
    java.util.Arrays.fill(values, value);
    return values;
  }

  /// Models that were trained from a seed can be trained from it again: these are the checksums of the first
  /// networks that there were.
  @ParameterizedTest
  @CsvSource({"lstm, d345a044", "gru_reset_before, e0eceee3"})
  void default_ofASeed_staysTheSameBits(String cell, String checksum) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Embedding(5, 4), 3, 2, 5);
    Parameters parameters =
        Network.create(spec, TestBackends.scalar(Precision.DOUBLE), 7).parameters();
    CRC32 crc = new CRC32();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      for (double value : numbers(parameters.matrix(tensor.name()))) {
        long bits = Double.doubleToRawLongBits(value);
        for (int shift = 56; shift >= 0; shift -= 8) {
          crc.update((int) (bits >>> shift));
        }
      }
    }
    assertEquals(checksum, Long.toHexString(crc.getValue()));
  }

  @ParameterizedTest
  @CsvSource({
    "xavier_uniform, 0.0625, 0.4330",
    "xavier_normal,  0.0625, 9",
    "he_uniform,     0.1667, 0.7071",
    "he_normal,      0.1667, 9"
  })
  void inputMatrix_ofEachGate_hasTheVariance(String name, double variance, double bound) {
    Parameters parameters = draw(Cells.lstm(), "input=" + name);
    double[] values = numbers(parameters.matrix("weight_ih_l0"));
    double n = values.length;
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      assertTrue(Math.abs(value) <= bound, "beyond the bound: " + value);
      sum += value;
      squares += value * value;
    }
    // Five deviations of the mean and, for normal numbers, of the mean square.
    assertEquals(0, sum / n, 5 * Math.sqrt(variance / n));
    assertEquals(variance, squares / n, 5 * variance * Math.sqrt(2 / n));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "gru_reset_before", "lstm_projected"})
  void orthogonal_eachGate_hasOrthogonalRowsOrColumns(String name) {
    Cell cell = Cells.named(name);
    Parameters parameters = draw(cell, "recurrent=orthogonal,input=orthogonal");
    for (Parameters.Tensor tensor : parameters.tensors()) {
      if (tensor.name().startsWith("weight_")) {
        int height = tensor.name().startsWith("weight_hr") ? tensor.rows() : H;
        for (int from = 0; from < tensor.rows(); from += height) {
          assertOrthogonal(tensor.name(), parameters.matrix(tensor.name()).rows(from, height));
        }
      }
    }
  }

  @Test
  void recurrentMatrices_ofHeads_startAsThoseOfALayerOfTheirUnits() {
    Cell cell = Cells.lstm().withHeads(4);
    int units = H / 4;
    Matrix orthogonal = draw(cell, "recurrent=orthogonal").matrix("weight_hh_l1");
    for (int from = 0; from < 4 * H; from += units) {
      assertOrthogonal("head from " + from, orthogonal.rows(from, units));
    }
    double[] usual = numbers(draw(cell, "default").matrix("weight_hh_l1"));
    double largest = java.util.Arrays.stream(usual).map(Math::abs).max().orElseThrow();
    assertTrue(largest <= 1 / Math.sqrt(units), "largest " + largest);
    // Of 400 numbers the largest is within 3 % of the bound, but for one in e^12 seeds.
    assertTrue(largest > 0.97 / Math.sqrt(units), "largest " + largest);
  }

  private static void assertOrthogonal(String name, Matrix block) {
    boolean wide = block.rows() <= block.cols();
    int count = Math.min(block.rows(), block.cols());
    int length = Math.max(block.rows(), block.cols());
    for (int a = 0; a < count; a++) {
      for (int b = 0; b <= a; b++) {
        double product = 0;
        for (int i = 0; i < length; i++) {
          product +=
              wide
                  ? Numbers.get(block, a, i) * Numbers.get(block, b, i)
                  : Numbers.get(block, i, a) * Numbers.get(block, i, b);
        }
        // Sums of `length` products under 1, and as many roundings in the making.
        assertEquals(a == b ? 1 : 0, product, 8 * 0x1p-53 * Math.sqrt(length), name);
      }
    }
  }

  @Test
  void orthogonal_tensorAmongOthers_hasTheSameNumbers() {
    assertArrayEquals(
        numbers(draw(Cells.lstm(), "recurrent=orthogonal").matrix("weight_hh_l1")),
        numbers(draw(Cells.lstm(), "recurrent=orthogonal,bias=0").matrix("weight_hh_l1")));
  }

  @Test
  void identity_withBiasesOfZero_isTheIrnn() {
    Parameters parameters = draw(Cells.named("elman_relu"), "recurrent=identity,bias=0");
    Matrix weight = parameters.matrix("weight_hh_l1");
    for (int r = 0; r < H; r++) {
      for (int c = 0; c < H; c++) {
        assertEquals(r == c ? 1 : 0, Numbers.get(weight, r, c));
      }
    }
    assertArrayEquals(filled(0), numbers(parameters.matrix("bias_hh_l0")));
    assertArrayEquals(
        numbers(draw(Cells.named("elman_relu"), "default").matrix("weight_ih_l0")),
        numbers(parameters.matrix("weight_ih_l0")));
  }

  @Test
  void forgetBias_ofAnLstm_isTheSumOfBothBiases() {
    Parameters parameters = draw(Cells.lstm(), "forget=1.5");
    Parameters usual = draw(Cells.lstm(), "default");
    assertArrayEquals(filled(1.5), numbers(parameters, "bias_ih_l1", H, 2 * H));
    assertArrayEquals(filled(0), numbers(parameters, "bias_hh_l1", H, 2 * H));
    for (int from : new int[] {0, 2 * H, 3 * H}) {
      assertArrayEquals(
          numbers(usual, "bias_hh_l1", from, from + H),
          numbers(parameters, "bias_hh_l1", from, from + H));
    }
  }

  @Test
  void forgetBias_ofOneBias_isThat() {
    Parameters parameters = draw(Cells.gru().withBias(Bias.PER_AFFINE), "forget=2,bias=0.5");
    assertArrayEquals(filled(0.5), numbers(parameters, "bias_l0", 0, H));
    assertArrayEquals(filled(2), numbers(parameters, "bias_l0", H, 2 * H));
    assertArrayEquals(filled(0.5), numbers(parameters, "bias_l0", 3 * H, 4 * H));
  }

  @Test
  void layerNorm_new_hasGainsOfOneAndBiasesOfZero() {
    Parameters parameters = draw(LstmVariants.layerNorm(), "default");
    for (String k : List.of("i", "f", "g", "o", "c")) {
      assertArrayEquals(filled(1), numbers(parameters.matrix("gain_" + k + "_l1")));
      assertArrayEquals(filled(0), numbers(parameters.matrix("bias_" + k + "_l1")));
    }
    assertArrayEquals(
        filled(1), numbers(draw(LstmVariants.layerNorm(), "forget=1").matrix("bias_f_l0")));
  }

  @Test
  void indRnn_new_hasRecurrentWeightsFromZeroToOne() {
    double[] weights = numbers(draw(Cells.named("indrnn"), "default").matrix("weight_hh_l0"));
    double sum = 0;
    for (double weight : weights) {
      assertTrue(weight >= 0 && weight < 1, () -> "expected 0 to 1, got " + weight);
      sum += weight;
    }
    // Five deviations of the mean of uniform numbers.
    assertEquals(0.5, sum / H, 5 / Math.sqrt(12.0 * H));
  }

  @Test
  void readout_ofAProjection_isBoundByItsInputs() {
    Cell cell = LstmVariants.projected().withSize("P", 4);
    double largest = 0;
    for (double value : numbers(draw(cell, "default").matrix(Head.WEIGHT))) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest < 0.5 && largest > 1 / Math.sqrt(H), "largest " + largest);
  }

  @Test
  void forgetBias_ofACellWithoutOne_isRejected() {
    List<Cell> without =
        List.of(Cells.named("elman"), Cells.named("mgu"), Cells.lstm().withBias(Bias.NONE));
    for (Cell cell : without) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> draw(cell, "forget=1")).getMessage();
      assertEquals(
          "init: forget: expected a cell with the bias of a forget gate, got " + cell.name(),
          message);
    }
    List<String> with = new ArrayList<>(Cells.names());
    with.removeIf(name -> Cells.named(name).forgetBiases().isEmpty());
    assertEquals(
        List.of(
            "fastgrnn",
            "gated_delta",
            "gru",
            "gru_reset_before",
            "hgrn",
            "janet",
            "ligru",
            "lstm",
            "lstm_coupled",
            "lstm_layer_norm",
            "lstm_peephole",
            "lstm_projected",
            "minlstm",
            "mlstm",
            "qrnn",
            "slstm"),
        with);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default",
        "recurrent=orthogonal",
        "input=he_normal,recurrent=identity,bias=0.0,forget=1.0",
        "input=xavier_uniform,recurrent=xavier_normal",
        "input=he_uniform,recurrent=0.01"
      })
  void text_parsed_comesBack(String text) {
    assertEquals(text, Initialization.parse(text).text());
  }

  @Test
  void uniform_ofEverything_staysWithinTheBoundAndNearsIt() {
    String role = "uniform:0.1";
    Parameters parameters =
        draw(
            Cells.lstm(),
            "embedding=%1$s,input=%1$s,recurrent=%1$s,readout=%1$s,bias=%1$s".formatted(role));
    for (Parameters.Tensor tensor : parameters.tensors()) {
      double largest = 0;
      for (double value : numbers(parameters.matrix(tensor.name()))) {
        largest = Math.max(largest, Math.abs(value));
      }
      boolean isZero = tensor.name().equals(Head.BIAS);
      assertTrue(
          isZero ? largest == 0 : largest > 0.08 && largest <= 0.1, tensor.name() + ": " + largest);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default",
        "embedding=uniform:0.1",
        "embedding=normal:0.5,input=he_uniform,recurrent=orthogonal,readout=0.0,bias=uniform:0.2,forget=1.0"
      })
  void text_parsed_isTheSame(String text) {
    assertEquals(text, Initialization.parse(text).text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedding=uniform:0", "readout=normal:x", "bias=orthogonal", "head=0"})
  void parse_ofWhatCannotBe_saysSo(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Initialization.parse(text)).getMessage();
    assertTrue(message.startsWith("init: "), message);
  }
}
