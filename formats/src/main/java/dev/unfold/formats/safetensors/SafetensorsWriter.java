package dev.unfold.formats.safetensors;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.Checksum;

/// Writes safetensors files.
///
/// The same content gives the same bytes: metadata are sorted by key; tensors of 64-bit numbers come before those of
/// 32-bit ones and these before those of 16 bits, so that all are aligned, and otherwise stay in the given order; data
/// begin at a multiple of 64 bytes; there is no time or name of a machine.
///
/// A file is whole or not there: it is written under another name in the same folder
/// (`.NAME.*.tmp`), forced to the disk, and then renamed. If that fails, a file that was there before
/// is still there. A symbolic link stays, and the file it points to is replaced.
public final class SafetensorsWriter {
  /// Numbers in the heap that are copied at a time.
  private static final int COPIED = 1 << 14;

  private SafetensorsWriter() {}

  /// Writes `tensors` and `metadata` to a file, which may exist.
  ///
  /// **Errors**: [WriteException] if the file cannot be written; [IllegalArgumentException] if two
  /// tensors have the same name, a text is not valid Unicode, or the header would be longer than
  /// 100,000,000 bytes.
  public static void write(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(metadata, "metadata: expected texts by key, got null");
    Objects.requireNonNull(tensors, "tensors: expected a list, got null");
    List<Tensor> ordered = ordered(tensors);
    ByteBuffer header = new HeaderWriter().write(metadata, ordered);
    AtomicFile.write(path, channel -> write(channel, header, ordered));
  }

  /// The bytes that [#write] would write.
  ///
  /// **Errors**: as there, but for the file.
  public static byte[] bytes(Map<String, String> metadata, List<Tensor> tensors) {
    Objects.requireNonNull(metadata, "metadata: expected texts by key, got null");
    Objects.requireNonNull(tensors, "tensors: expected a list, got null");
    List<Tensor> ordered = ordered(tensors);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WritableByteChannel channel = Channels.newChannel(bytes)) {
      write(channel, new HeaderWriter().write(metadata, ordered), ordered);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(WritableByteChannel channel, ByteBuffer header, List<Tensor> ordered)
      throws IOException {
    AtomicFile.writeAll(channel, header);
    for (Tensor tensor : ordered) {
      writeNumbers(channel, tensor);
    }
  }

  private static List<Tensor> ordered(List<Tensor> tensors) {
    return tensors.stream()
        .sorted(Comparator.comparingInt((Tensor tensor) -> -tensor.dtype().bits()))
        .toList();
  }

  /// Tells `checksum` all numbers, as they will be in the file.
  public static void update(Checksum checksum, List<Tensor> tensors) {
    try (WritableByteChannel channel = new ChecksumChannel(checksum)) {
      for (Tensor tensor : ordered(tensors)) {
        writeNumbers(channel, tensor);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Takes all that is written into a checksum.
  private record ChecksumChannel(Checksum checksum) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int count = bytes.remaining();
      checksum.update(bytes);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // There is nothing to close.
    }
  }

  private static void writeNumbers(WritableByteChannel channel, Tensor tensor) throws IOException {
    Buffer values = tensor.values();
    if (tensor.format() != WeightFormat.FLOAT32) {
      writeRounded(channel, tensor);
      return;
    }
    if (values instanceof HostBuffer host && !host.isOnHeap()) {
      writeNumbers(channel, host, tensor.at(), tensor.count());
      return;
    }
    long count = tensor.count();
    HostBuffer copy = HostBuffer.allocate(values.type(), Math.min(count, COPIED));
    for (long from = 0; from < count; from += COPIED) {
      long some = Math.min(count - from, COPIED);
      copy.copy(values, tensor.at() + from, 0, some);
      writeNumbers(channel, copy, 0, some);
    }
  }

  /// Writes a matrix in 16 bits, row by row.
  private static void writeRounded(WritableByteChannel channel, Tensor tensor) throws IOException {
    int rows = Math.toIntExact(tensor.shape().getFirst());
    int cols = Math.toIntExact(tensor.shape().getLast());
    Matrix numbers = Matrix.of(tensor.values(), tensor.at(), rows, cols).toHost();
    ByteBuffer row = ByteBuffer.allocate(cols * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < rows; r++) {
      float scale = tensor.format().scale(numbers, r);
      row.clear();
      for (int c = 0; c < cols; c++) {
        row.putShort(tensor.format().encode(numbers.get(r, c), scale));
      }
      AtomicFile.writeAll(channel, row.flip());
    }
  }

  private static void writeNumbers(
      WritableByteChannel channel, HostBuffer values, long at, long count) throws IOException {
    ElementType type = values.type();
    long bytes = type.bytes();
    for (Segments.Piece piece : Segments.pieces(values, at * bytes, count * bytes)) {
      AtomicFile.writeAll(channel, littleEndian(piece.bytes(), type));
    }
  }

  /// The numbers in the byte order of the format.
  private static ByteBuffer littleEndian(ByteBuffer numbers, ElementType type) {
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return numbers;
    }
    ByteBuffer turned = ByteBuffer.allocate(numbers.remaining());
    for (int i = 0; i < numbers.remaining(); i++) {
      turned.put(i, numbers.get(i ^ (type.bytes() - 1)));
    }
    return turned;
  }
}
