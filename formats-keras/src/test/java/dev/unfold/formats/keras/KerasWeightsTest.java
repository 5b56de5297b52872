package dev.unfold.formats.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.storage.ElementType;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.DatasetCreationOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Arrays by name, as far as a file has them.
final class KerasWeightsTest {
  @TempDir private Path folder;

  private static byte[] floats(float... numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return bytes.array();
  }

  private static KerasWeights weights(int rows) {
    HdfWriter.Array array =
        new HdfWriter.Array(ElementType.FLOAT32, new int[] {rows, 3}, floats(1, 2, 3, 4, 5, 6));
    return KerasWeights.of("file", HdfWriter.bytes(Map.of("a/b", array)));
  }

  @Test
  void tensor_byItsPath_hasShapeAndNumbers() {
    KerasWeights weights = weights(2);
    assertEquals(Map.of("a/b", List.of(2, 3)), weights.shapes());
    KerasTensor tensor = weights.tensor("a/b");
    assertEquals(List.of(2, 3), tensor.shape());
    assertEquals(6, tensor.count());
    assertEquals(6, tensor.at(5));
  }

  private static void assertRefused(String reason, Runnable reading) {
    FormatException refusal = assertThrows(FormatException.class, reading::run);
    assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  @Test
  void tensor_thatClaimsMoreThanTheFileHas_isRefused() {
    assertRefused("fewer numbers than [100000000, 3]", () -> weights(100_000_000).tensor("a/b"));
    assertRefused("expected", () -> weights(40).tensor("a/b"));
  }

  @Test
  void tensor_thatIsCompressed_isRefused() {
    Path path = folder.resolve("filtered.h5");
    try (WritableHdfFile file = HdfFile.write(path)) {
      DatasetCreationOptions deflated =
          DatasetCreationOptions.builder().chunkDimensions(4, 4).deflate().build();
      file.putDataset("a", new float[4][4], deflated);
    }
    assertRefused("a: expected numbers as they are", () -> KerasWeights.open(path).tensor("a"));
  }

  @Test
  void tensor_thatIsNotThere_isRefused() {
    assertRefused("\"c\", found none", () -> weights(2).tensor("c"));
  }

  @Test
  void file_thatIsNone_isRefused() {
    assertRefused("found none", () -> KerasWeights.open(folder.resolve("none.h5")));
    assertRefused("got a folder", () -> KerasWeights.open(folder));
    assertRefused("sound HDF5", () -> KerasWeights.of("file", new byte[100]));
  }
}
