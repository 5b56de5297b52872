package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.TensorInfo;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Files of models with weights of 16 bits.
final class WeightTensorsTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private static Network network(WeightFormat format) {
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Embedding(5, 7), 9, 2, new Head.Classes(5));
    return Network.create(spec, KERNELS, 3).withWeights(format);
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void load_ofEveryFormat_givesTheSameNumbersInTheSameFormat(WeightFormat format) {
    Network network = network(format);
    ModelFile.save(file(), network);
    Network read = ModelFile.loadNetwork(file(), KERNELS);
    assertEquals(format, read.weightFormat());
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      for (int row = 0; row < tensor.rows(); row++) {
        assertArrayEquals(
            network.parameters().matrix(tensor.name()).row(row),
            read.parameters().matrix(tensor.name()).row(row),
            tensor.name());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void save_again_givesTheSameBytes(WeightFormat format) throws IOException {
    ModelFile.save(file(), network(format));
    Path again = folder.resolve("again.safetensors");
    ModelFile.save(again, ModelFile.load(file(), KERNELS));
    assertEquals(-1, Files.mismatch(file(), again));
  }

  @Test
  void save_in16Bits_takesHalfTheBytes() throws IOException {
    ModelFile.save(file(), network(WeightFormat.FLOAT32));
    long whole = Files.size(file());
    Path small = folder.resolve("small.safetensors");
    ModelFile.save(small, network(WeightFormat.BFLOAT16));
    try (SafetensorsReader reader = SafetensorsReader.open(small)) {
      assertEquals("BF16", reader.tensors().get("weight_hh_l1").dtype());
      assertEquals("F32", reader.tensors().get("bias_hh_l1").dtype());
    }
    assertTrue(Files.size(small) < 0.75 * whole, Files.size(small) + " of " + whole);
  }

  /// The parts of a file, to be written again with a change.
  private static final class Parts {
    final Map<String, String> metadata;
    final List<Tensor> tensors = new ArrayList<>();

    Parts(Path file) {
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        metadata = new HashMap<>(reader.metadata());
        for (TensorInfo info : reader.tensors().values()) {
          HostBuffer numbers = HostBuffer.allocate(ElementType.FLOAT32, info.count());
          boolean isInteger = info.dtype().equals("I16");
          if (isInteger) {
            reader.readIntegers(info.name(), numbers, 0);
          } else {
            reader.read(info.name(), numbers, 0);
          }
          WeightFormat format = isInteger ? WeightFormat.FIXED16 : WeightFormat.FLOAT32;
          tensors.add(new Tensor(info.name(), info.shape(), numbers, 0, format));
        }
      }
    }

    HostBuffer numbers(String name) {
      return (HostBuffer)
          tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow().values();
    }
  }

  private void assertRefused(Parts parts, String reason) {
    SafetensorsWriter.write(file(), parts.metadata, parts.tensors);
    String message =
        assertThrows(FormatException.class, () -> ModelFile.load(file(), KERNELS)).getMessage();
    assertTrue(message.endsWith(reason), message);
  }

  private Parts fixed() {
    ModelFile.save(file(), network(WeightFormat.FIXED16));
    return new Parts(file());
  }

  @ParameterizedTest
  @CsvSource({"NaN,NaN", "0,0.0", "-1,-1.0", "Infinity,Infinity", "1e-38,9.99", "0.3,0.30"})
  void load_ofAScaleThatIsNone_isRefused(float scale, String came) {
    Parts parts = fixed();
    parts.numbers("weight_hh_l1.scale").set(2, scale);
    SafetensorsWriter.write(file(), parts.metadata, parts.tensors);
    String message =
        assertThrows(FormatException.class, () -> ModelFile.load(file(), KERNELS)).getMessage();
    String expected =
        "model.safetensors: tensor \"weight_hh_l1.scale\": expected powers of two from 2^-60 to"
            + " 2^60, got "
            + came;
    assertTrue(message.contains(expected), message);
  }

  @Test
  void load_ofAnIntegerThatHasNoOpposite_isRefused() throws IOException {
    ModelFile.save(file(), network(WeightFormat.FIXED16));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
    try (SafetensorsReader reader = SafetensorsReader.open(file())) {
      long begin = reader.tensors().get("weight_hh_l1").begin();
      bytes.putShort((int) (Long.BYTES + bytes.getLong(0) + begin), Short.MIN_VALUE);
    }
    Files.write(file(), bytes.array());
    String message =
        assertThrows(FormatException.class, () -> ModelFile.load(file(), KERNELS)).getMessage();
    String expected =
        "tensor \"weight_hh_l1\": expected integers from -32767 to 32767, got -32768 in row 0";
    assertTrue(message.endsWith(expected), message);
  }

  @Test
  void load_ofFloatsWhereBfloat16IsSaid_isRefused() {
    ModelFile.save(file(), network(WeightFormat.FLOAT32));
    Parts parts = new Parts(file());
    parts.metadata.put("weights", "bf16");
    assertRefused(parts, "tensor \"embedding.weight\": expected BF16, got F32");
  }

  @Test
  void load_withoutScales_isRefused() {
    Parts parts = fixed();
    parts.tensors.removeIf(tensor -> tensor.name().equals("head.weight.scale"));
    assertRefused(parts, "tensor \"head.weight.scale\": expected [5], found none");
  }

  @Test
  void load_ofFloatsWhereIntegersAreSaid_isRefused() {
    ModelFile.save(file(), network(WeightFormat.FLOAT32));
    Parts parts = new Parts(file());
    parts.metadata.put("weights", "fixed16");
    assertRefused(parts, "expected I16 [5, 7], got F32 [5, 7]");
  }

  @Test
  void load_ofIntegersThatNobodyNames_isRefused() {
    Parts parts = fixed();
    parts.metadata.remove("weights");
    assertRefused(parts, "expected F32, F64, F16 or BF16, got I16");
  }

  @Test
  void load_ofAnUnknownFormat_isRefused() {
    Parts parts = fixed();
    parts.metadata.put("weights", "int4");
    assertRefused(parts, "metadata \"weights\": expected float, bf16, fixed16, got \"int4\"");
  }

  @Test
  void tensor_in16BitsWithoutTwoDimensions_isRefused() {
    HostBuffer numbers = HostBuffer.allocate(ElementType.FLOAT32, 3);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Tensor("a", List.of(3L), numbers, 0, WeightFormat.BFLOAT16))
            .getMessage();
    assertEquals("a: expected two dimensions for a tensor in 16 bits, got [3]", message);
  }
}
