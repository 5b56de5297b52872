package dev.unfold.formats.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of Keras 2: weights are found by the attribute of their names.
final class LegacyKerasTest {
  private static final Kernels DOUBLES = Backends.named("scalar", Precision.DOUBLE);

  @TempDir private Path folder;

  /// A number that says where it is.
  private static float at(int array, int row, int column) {
    return array + row / 64f + column / 4096f;
  }

  private static float[][] matrix(int array, int rows, int columns) {
    float[][] numbers = new float[rows][columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        numbers[r][c] = at(array, r, c);
      }
    }
    return numbers;
  }

  private static float[] vector(int array, int length) {
    return matrix(array, 1, length)[0];
  }

  /// @param arrays of one layer, by the names of its attribute
  private Path file(
      String config, String layer, List<String> names, List<Object> arrays, boolean hasGroup) {
    Path path = folder.resolve("legacy.h5");
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putAttribute("keras_version", "2.2.4");
      if (!config.isEmpty()) {
        file.putAttribute("model_config", config);
      }
      WritableGroup root = hasGroup ? file.putGroup("model_weights") : file;
      root.putAttribute("layer_names", new String[] {layer, "dense"});
      WritableGroup own = root.putGroup(layer);
      own.putAttribute("weight_names", names.toArray(String[]::new));
      WritableGroup inner = own.putGroup(layer);
      for (int i = 0; i < names.size(); i++) {
        String[] parts = names.get(i).split("/", -1);
        WritableGroup at = parts.length == 2 ? inner : (WritableGroup) child(inner, parts[1]);
        at.putDataset(parts[parts.length - 1], arrays.get(i));
      }
      WritableGroup dense = root.putGroup("dense");
      dense.putAttribute("weight_names", new String[] {"dense/kernel:0", "dense/bias:0"});
      WritableGroup within = dense.putGroup("dense");
      within.putDataset("kernel:0", matrix(7, names.size() > 3 ? 4 : 2, 3));
      within.putDataset("bias:0", vector(8, 3));
    }
    return path;
  }

  private static Object child(WritableGroup group, String name) {
    return group.getChildren().containsKey(name) ? group.getChild(name) : group.putGroup(name);
  }

  private static String sequential(String layer) {
    return "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":["
        + layer
        + ",{\"class_name\":\"Dropout\",\"config\":{\"name\":\"d\",\"rate\":0.5}}"
        + ",{\"class_name\":\"TimeDistributed\",\"config\":{\"name\":\"dense\",\"layer\":"
        + "{\"class_name\":\"Dense\",\"config\":{\"name\":\"in\",\"activation\":\"softmax\"}}}}]}}";
  }

  private static String recurrent(String type, String more) {
    return "{\"class_name\":\"%s\",\"config\":{\"name\":\"r\",\"units\":2,\"activation\":\"tanh\",\"return_sequences\":true%s}}"
        .formatted(type, more);
  }

  private static Imported read(Path file, Map<String, String> settings) {
    return new KerasFormat().read(file, new ImportOptions(settings, DOUBLES));
  }

  private static double number(Network network, String parameter, int row, int column) {
    return network.parameters().matrix(parameter).get(row, column);
  }

  @Test
  void gru_resetBefore_movesGatesIntoOrder() {
    Path file =
        file(
            sequential(recurrent("GRU", ",\"recurrent_activation\":\"hard_sigmoid\"")),
            "r",
            List.of("r/kernel:0", "r/recurrent_kernel:0", "r/bias:0"),
            List.of(matrix(1, 3, 6), matrix(2, 2, 6), vector(3, 6)),
            true);
    Imported read = read(file, Map.of());
    Network network = read.model().network();
    assertEquals("gru_reset_before_hard_sigmoid_fifth", network.spec().cell().name());
    assertEquals(new Head.Classes(3), network.spec().head());
    // Unit 1 of r is in column 3 there and in row 1 here; that of z in column 1 and in row 3.
    assertEquals(at(1, 2, 3), number(network, "weight_ih_l0", 1, 2));
    assertEquals(at(1, 2, 1), number(network, "weight_ih_l0", 3, 2));
    assertEquals(at(1, 0, 4), number(network, "weight_ih_l0", 4, 0));
    assertEquals(at(2, 1, 2), number(network, "weight_hh_l0", 0, 1));
    assertEquals(at(2, 1, 0), number(network, "weight_hh_l0", 2, 1));
    assertEquals(at(2, 0, 5), number(network, "weight_rh_l0", 1, 0));
    assertEquals(at(3, 0, 2), number(network, "bias_l0", 0, 0));
    assertEquals(at(7, 1, 2), number(network, Head.WEIGHT, 2, 1));
    assertTrue(
        read.conventions()
            .contains("layer d, Dropout: left out: it does nothing when a model is used"),
        read.conventions()::toString);
  }

  @Test
  void bidirectional_namesOfBothDirections_areSplitInHalf() {
    String layer =
        "{\"class_name\":\"Bidirectional\",\"config\":{\"name\":\"b\",\"merge_mode\":\"concat\",\"layer\":"
            + recurrent("LSTM", ",\"recurrent_activation\":\"sigmoid\"")
            + "}}";
    Path file =
        file(
            sequential(layer),
            "b",
            List.of(
                "b/forward_r/kernel:0",
                "b/forward_r/recurrent_kernel:0",
                "b/forward_r/bias:0",
                "b/backward_r/kernel:0",
                "b/backward_r/recurrent_kernel:0",
                "b/backward_r/bias:0"),
            List.of(
                matrix(1, 3, 8),
                matrix(2, 2, 8),
                vector(3, 8),
                matrix(4, 3, 8),
                matrix(5, 2, 8),
                vector(6, 8)),
            true);
    Network network = read(file, Map.of()).model().network();
    assertTrue(network.spec().has(Wiring.BIDIRECTIONAL));
    assertEquals(at(1, 2, 7), number(network, "weight_ih_l0", 7, 2));
    assertEquals(at(5, 1, 6), number(network, "weight_hh_l0_reverse", 6, 1));
    assertEquals(at(6, 0, 5), number(network, "bias_l0_reverse", 0, 5));
  }

  @Test
  void weightsAlone_areReadByTheOrderOfTheFile() {
    Path file =
        file(
            "",
            "r",
            List.of("r/r_cell/kernel:0", "r/r_cell/recurrent_kernel:0", "r/r_cell/bias:0"),
            List.of(matrix(1, 3, 6), matrix(2, 2, 6), matrix(3, 2, 6)),
            false);
    NetworkSpec spec = read(file, Map.of("outputs", "classes")).model().network().spec();
    assertEquals("gru", spec.cell().name());
    assertEquals(
        "gru_hard_sigmoid_fifth",
        read(file, Map.of("recurrent_activation", "hard_sigmoid"))
            .model()
            .network()
            .spec()
            .cell()
            .name());
  }

  /// Of each gate cuDNN has, for the input, the numbers of [H, I] row by row in a block [I, H], and for the state the
  /// block turned.
  @Test
  void cudnn_isTurnedBack() {
    float[][] kernel = matrix(1, 3, 6);
    float[][] recurrent = matrix(2, 2, 6);
    float[][] theirs = new float[3][6];
    float[][] turned = new float[2][6];
    for (int gate = 0; gate < 3; gate++) {
      for (int l = 0; l < 6; l++) {
        theirs[l / 2][gate * 2 + l % 2] = kernel[l % 3][gate * 2 + l / 3];
      }
      for (int l = 0; l < 4; l++) {
        turned[l / 2][gate * 2 + l % 2] = recurrent[l % 2][gate * 2 + l / 2];
      }
    }
    Path file =
        file(
            sequential(recurrent("CuDNNGRU", "")),
            "r",
            List.of("r/kernel:0", "r/recurrent_kernel:0", "r/bias:0"),
            List.of(theirs, turned, vector(3, 12)),
            true);
    Network network = read(file, Map.of()).model().network();
    assertEquals("gru", network.spec().cell().name());
    assertEquals(at(1, 2, 3), number(network, "weight_ih_l0", 1, 2));
    assertEquals(at(1, 0, 4), number(network, "weight_ih_l0", 4, 0));
    assertEquals(at(2, 1, 0), number(network, "weight_hh_l0", 2, 1));
    assertEquals(at(3, 0, 2), number(network, "bias_ih_l0", 0, 0));
    assertEquals(at(3, 0, 6 + 5), number(network, "bias_hh_l0", 0, 5));
  }

  @Test
  void layer_withoutItsWeights_isRefusedByName() {
    Path file =
        file(
            sequential(recurrent("LSTM", ",\"recurrent_activation\":\"sigmoid\"")),
            "other",
            List.of("other/kernel:0"),
            List.of((Object) matrix(1, 3, 8)),
            true);
    FormatException refusal = assertThrows(FormatException.class, () -> read(file, Map.of()));
    assertTrue(refusal.getMessage().contains("layer r, LSTM"), refusal::getMessage);
  }
}
