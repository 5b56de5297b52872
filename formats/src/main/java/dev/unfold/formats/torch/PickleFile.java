package dev.unfold.formats.torch;

import dev.unfold.formats.exchange.StoredEntry;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipOutputStream;

/// Writes a state dict as `torch.save` does, so that `torch.load` takes it with `weights_only=True`: a zip file with a
/// pickle that makes an OrderedDict of tensors, and a storage for each. The same tensors give the same bytes.
final class PickleFile {
  private static final String FOLDER = "archive/";

  /// The entry with settings, `NAME=VALUE` a line. PyTorch looks entries up by name, and not for this one.
  static final String SETTINGS = "unfold";

  private static final int PIECE = 1 << 12;

  private PickleFile() {}

  /// Writes `tensors` to a file, whole or not at all.
  ///
  /// @param settings what the reader here is told beside them
  static void write(Path file, List<Tensor> tensors, Map<String, String> settings) {
    byte[] pickle = pickle(tensors);
    String lines =
        settings.entrySet().stream()
            .map(each -> each.getKey() + "=" + each.getValue() + "\n")
            .collect(Collectors.joining());
    AtomicFile.write(
        file,
        channel -> {
          ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
          put(zip, "data.pkl", output -> output.write(pickle));
          put(zip, "byteorder", output -> output.write(ascii("little")));
          if (!settings.isEmpty()) {
            put(zip, SETTINGS, output -> output.write(lines.getBytes(StandardCharsets.UTF_8)));
          }
          for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            put(zip, "data/" + i, output -> writeNumbers(output, tensor));
          }
          put(zip, "version", output -> output.write(ascii("3\n")));
          zip.finish();
        });
  }

  private static void put(ZipOutputStream zip, String name, StoredEntry.Content content)
      throws IOException {
    StoredEntry.put(zip, FOLDER + name, content);
  }

  private static void writeNumbers(OutputStream output, Tensor tensor) throws IOException {
    ElementType type = tensor.values().type();
    HostBuffer piece = HostBuffer.allocate(type, PIECE);
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    long count = tensor.count();
    for (long from = 0; from < count; from += PIECE) {
      int some = (int) Math.min(PIECE, count - from);
      piece.copy(tensor.values(), tensor.at() + from, 0, some);
      bytes.clear();
      for (int i = 0; i < some; i++) {
        switch (type) {
          case FLOAT32 -> bytes.putFloat((float) piece.get(i));
          case FLOAT64 -> bytes.putDouble(piece.get(i));
        }
      }
      output.write(bytes.array(), 0, bytes.position());
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] pickle(List<Tensor> tensors) {
    Pickler pickler = new Pickler();
    pickler.put(0x80).put(2).global("collections\nOrderedDict").put(')').put('R').put('(');
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      boolean isDouble = tensor.values().type() == ElementType.FLOAT64;
      pickler.text(tensor.name()).global("torch._utils\n_rebuild_tensor_v2").put('(');
      pickler.put('(').text("storage");
      pickler.global("torch\n" + (isDouble ? "DoubleStorage" : "FloatStorage"));
      pickler.text(Integer.toString(i)).text("cpu").number(tensor.count()).put('t').put('Q');
      pickler.number(0);
      pickler.put('(');
      tensor.shape().forEach(pickler::number);
      pickler.put('t').put('(');
      long stride = tensor.count();
      for (long size : tensor.shape()) {
        stride /= Math.max(1, size);
        pickler.number(stride);
      }
      pickler.put('t').put(0x89).global("collections\nOrderedDict").put(')').put('R');
      pickler.put('t').put('R');
    }
    return pickler.put('u').put('.').bytes.toByteArray();
  }

  private static final class Pickler {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pickler put(int code) {
      bytes.write(code);
      return this;
    }

    Pickler global(String names) {
      put('c');
      bytes.writeBytes(ascii(names + "\n"));
      return this;
    }

    private void width(int code, int number) {
      put(code);
      bytes.writeBytes(
          ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
    }

    Pickler text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      width('X', utf8.length);
      bytes.writeBytes(utf8);
      return this;
    }

    /// Sizes of parameters, which an `int` counts.
    Pickler number(long number) {
      width('J', Math.toIntExact(number));
      return this;
    }
  }
}
