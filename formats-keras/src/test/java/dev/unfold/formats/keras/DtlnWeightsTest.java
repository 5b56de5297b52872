package dev.unfold.formats.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A trained model that others wrote in both formats: each array of the Keras file stands in one of the ONNX files,
/// number for number, as it is or with the gates and the axes of ONNX.
final class DtlnWeightsTest {
  /// Where i, o, f, c of ONNX are in Keras.
  private static final int[] ONNX = {0, 3, 1, 2};

  private static Path folder() {
    Path start = Path.of("").toAbsolutePath();
    return java.util.stream.Stream.<Path>iterate(start, at -> at != null, Path::getParent)
        .filter(at -> Files.exists(at.resolve("core/pom.xml")))
        .findFirst()
        .orElseThrow()
        .resolveSibling("shared")
        .resolve("data/dtln");
  }

  @Test
  void weights_ofTheKerasFile_standInTheOnnxFiles() throws IOException {
    Path folder = Path.of(System.getProperty("unfold.dtln", folder().toString()));
    boolean isThere = Files.exists(folder.resolve("model.h5"));
    if (!isThere) {
      System.out.printf("NOT TESTED: expected the DTLN files in %s, found none%n", folder);
    }
    assumeTrue(isThere);
    List<byte[]> onnx = new ArrayList<>();
    for (String name : List.of("model_1.onnx", "model_2.onnx")) {
      onnx.add(Files.readAllBytes(folder.resolve(name)));
    }
    KerasWeights weights = KerasWeights.open(folder.resolve("model.h5"));
    assertEquals(20, weights.shapes().size());
    List<String> missing = new ArrayList<>();
    weights
        .shapes()
        .keySet()
        .forEach(name -> {
          if (forms(weights.tensor(name)).stream()
              .noneMatch(form -> onnx.stream().anyMatch(file -> contains(file, form)))) {
            missing.add(name);
          }
        });
    assertTrue(missing.isEmpty(), missing::toString);
  }

  /// The bytes of a tensor in the ways in which ONNX files keep them.
  private static List<byte[]> forms(KerasTensor tensor) {
    List<Integer> shape = tensor.shape();
    int columns = shape.getLast();
    int rows = tensor.count() / columns;
    int gate = columns / 4;
    List<byte[]> forms = new ArrayList<>();
    forms.add(bytes(rows, columns, (r, c) -> tensor.at(r * columns + c)));
    forms.add(bytes(columns, rows, (c, r) -> tensor.at(r * columns + c)));
    if (columns == 512) {
      forms.add(
          bytes(
              columns, rows, (c, r) -> tensor.at(r * columns + ONNX[c / gate] * gate + c % gate)));
    }
    return forms;
  }

  private interface Entry {
    double at(int row, int column);
  }

  private static byte[] bytes(int rows, int columns, Entry entry) {
    ByteBuffer bytes =
        ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        bytes.putFloat((float) entry.at(r, c));
      }
    }
    return bytes.array();
  }

  private static boolean contains(byte[] file, byte[] part) {
    for (int at = 0; at + part.length <= file.length; at++) {
      if (file[at] == part[0]
          && file[at + 1] == part[1]
          && Arrays.equals(file, at, at + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }
}
