package dev.unfold.formats.safetensors;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.Checksum;

/// An open safetensors file.
///
/// Everything that the file says about itself is checked when it is opened, before anything is
/// believed: a file from a stranger can be refused, but cannot do harm.
///
/// **Memory**: what the header says, for as long as the reader is in use. Opening takes a few times
/// the header's length (10 to 20 times if it is thousands of tiny tensors), and never an amount that
/// the file only claims. Numbers are read straight into the buffer that is to have them.
///
/// **Threads**: [#read] may be called by several threads at once.
///
/// **Errors**: [FormatException] for a file that is missing, not readable, or breaks the format.
///
/// **Differences** from the format's reference implementation: the first byte of the header must be
/// `{`, at most 64 dimensions and some 70,000 tensors, no `null` for the metadata. A tensor of a dtype that the format
/// does not define is listed if it has no more numbers than bits, and refused when it is asked for.
///
/// **Source**: `github.com/huggingface/safetensors`
public final class SafetensorsReader implements AutoCloseable {
  /// Numbers that are checked at a time.
  private static final int CHECKED = 1 << 14;

  private static final int PIECE = 1 << 16;

  private final String file;
  private final Source source;
  private final FileBytes bytes;
  private final long dataBegin;
  private final Map<String, String> metadata;
  private final Map<String, TensorInfo> tensors;

  private SafetensorsReader(String file, Source source) throws IOException {
    this.file = file;
    this.source = source;
    this.bytes = new FileBytes(file, source);
    long fileBytes = source.size();
    long headerBytes = headerLength(fileBytes);
    dataBegin = Header.PREFIX + headerBytes;
    Header header = header(headerBytes);
    metadata = Collections.unmodifiableMap(header.metadata());
    Map<String, TensorInfo> ordered = new LinkedHashMap<>();
    Layout.check(file, header.tensors().values(), fileBytes - dataBegin)
        .forEach(tensor -> ordered.put(tensor.name(), tensor));
    tensors = Collections.unmodifiableMap(ordered);
  }

  /// Opens a file and checks all that it says about itself.
  public static SafetensorsReader open(Path path) {
    String file = Objects.requireNonNull(path, "path: expected a file, got null").toString();
    // Opening a pipe would wait for somebody to write to it.
    if (!Files.isRegularFile(path)) {
      String came = Files.isDirectory(path) ? "got a folder" : "got a device or a pipe";
      throw new FormatException(
          file + ": expected a file, " + (Files.exists(path) ? came : "found none"));
    }
    try {
      FileChannel channel = FileChannel.open(path);
      try {
        return new SafetensorsReader(file, Source.of(channel));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (AccessDeniedException e) {
      throw new FormatException(file + ": expected a readable file, got no permission", e);
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// The same of a file's bytes, which are not copied.
  ///
  /// @param name what messages call it
  public static SafetensorsReader of(String name, byte[] bytes) {
    Objects.requireNonNull(name, "name: expected one, got null");
    Objects.requireNonNull(bytes, "bytes: expected those of a file, got null");
    try {
      return new SafetensorsReader(name, Source.of(bytes));
    } catch (IOException e) {
      throw new FormatException(name + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// What messages call the file.
  public String file() {
    return file;
  }

  /// The texts of the file by key, in its order.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// The tensors by name, in the order of their data.
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /// Reads the tensor `name` into `target` from place `at` on.
  ///
  /// F32, F64, F16 and BF16 can be read, rounded to the type of `target` as [HostBuffer#set] does.
  ///
  /// **Errors**: [FormatException] also if there is no such tensor or it is of another dtype;
  /// [IndexOutOfBoundsException] if `target` has no room for it.
  public void read(String name, Buffer target, long at) {
    Loaded loaded = load(name, target, at);
    target.copy(loaded.numbers(), loaded.from(), at, loaded.count());
  }

  /// As [#read], and refuses a number that is not finite: a network with one gives no other.
  public void readFinite(String name, Buffer target, long at) {
    Loaded loaded = load(name, target, at);
    long count = loaded.count();
    expectFinite(name, loaded.numbers(), loaded.from(), count, 0, count);
    target.copy(loaded.numbers(), loaded.from(), at, count);
  }

  /// Numbers of a tensor in the host's memory, from place `from` on.
  private record Loaded(HostBuffer numbers, long from, long count) {}

  /// Loads a tensor for `target`: into itself if that is the host's.
  private Loaded load(String name, Buffer target, long at) {
    Objects.requireNonNull(target, "target: expected a buffer, got null");
    TensorInfo tensor = tensor(name);
    Dtype dtype = readable(tensor);
    long count = tensor.count();
    if (at < 0 || count > target.length() - at) {
      throw new IndexOutOfBoundsException(
          "target: expected room for %d numbers from place %d on, got a buffer of %d"
              .formatted(count, at, target.length()));
    }
    Loaded loaded =
        target instanceof HostBuffer own
            ? new Loaded(own, at, count)
            : new Loaded(HostBuffer.allocate(target.type(), count), 0, count);
    numbers(tensor, dtype, 0, loaded.numbers(), loaded.from(), count);
    return loaded;
  }

  /// Refuses a number that would not be finite as `type`. Takes little memory, however large the tensor is.
  public void checkFinite(String name, ElementType type) {
    TensorInfo tensor = tensor(name);
    Dtype dtype = readable(tensor);
    long count = tensor.count();
    HostBuffer piece = HostBuffer.allocate(type, Math.min(count, CHECKED));
    for (long first = 0; first < count; first += CHECKED) {
      long some = Math.min(count - first, CHECKED);
      numbers(tensor, dtype, first, piece, 0, some);
      expectFinite(name, piece, 0, some, first, count);
    }
  }

  /// Checks that there is a tensor `name` of this shape, which the file holds all numbers of, in a dtype that can be
  /// read: what has to be true before anybody allocates memory for it.
  public void expect(String name, List<Long> shape) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw new FormatException(
          "%s: tensor %s: expected %s, %s"
              .formatted(
                  file,
                  Quote.of(name),
                  shape,
                  tensor == null ? "found none" : "got " + tensor.shape()));
    }
    readable(tensor);
  }

  /// Checks that there is a tensor `name` of this shape in I16.
  public void expectIntegers(String name, List<Long> shape) {
    TensorInfo tensor = tensors.get(name);
    boolean isThere = tensor != null && tensor.dtype().equals(Dtype.I16.name());
    if (!isThere || !tensor.shape().equals(shape)) {
      throw new FormatException(
          "%s: tensor %s: expected I16 %s, %s"
              .formatted(
                  file,
                  Quote.of(name),
                  shape,
                  tensor == null
                      ? "found none"
                      : "got " + Quote.plain(tensor.dtype()) + " " + tensor.shape()));
    }
  }

  /// Reads the tensor `name` of I16, which [#expectIntegers] has found, into `target` from place `at` on.
  public void readIntegers(String name, HostBuffer target, long at) {
    TensorInfo tensor = tensor(name);
    numbers(tensor, Dtype.I16, 0, target, at, tensor.count());
  }

  private void expectFinite(
      String name, HostBuffer numbers, long at, long count, long first, long all) {
    for (long i = 0; i < count; i++) {
      double value = numbers.get(at + i);
      if (!Double.isFinite(value)) {
        throw new FormatException(
            "%s: tensor %s: expected finite numbers, got %s as number %d of %d"
                .formatted(file, Quote.of(name), value, first + i, all));
      }
    }
  }

  private Dtype readable(TensorInfo tensor) {
    Dtype dtype = Dtype.named(tensor.dtype());
    if (dtype == null || !dtype.isReadable()) {
      throw new FormatException(
          "%s: tensor %s: expected F32, F64, F16 or BF16, got %s"
              .formatted(file, Quote.of(tensor.name()), Quote.plain(tensor.dtype())));
    }
    return dtype;
  }

  /// Reads `count` numbers from the tensor's number `first` on.
  private void numbers(
      TensorInfo tensor, Dtype dtype, long first, HostBuffer target, long at, long count) {
    long place = dataBegin + tensor.begin() + first * (dtype.bits() / Byte.SIZE);
    try {
      bytes.numbers(dtype, place, target, at, count);
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// Tells `checksum` all numbers, as they are in the file.
  public void update(Checksum checksum) {
    try {
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      long end = source.size();
      for (long place = dataBegin; place < end; place += piece.limit()) {
        bytes.fill(piece.clear().limit((int) Math.min(PIECE, end - place)), place);
        checksum.update(piece.flip());
      }
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be closed: " + AtomicFile.reason(e), e);
    }
  }

  private TensorInfo tensor(String name) {
    Objects.requireNonNull(name, "name: expected that of a tensor, got null");
    TensorInfo tensor = tensors.get(name);
    if (tensor == null) {
      throw new FormatException(file + ": expected a tensor " + Quote.of(name) + ", found none");
    }
    return tensor;
  }

  private long headerLength(long fileBytes) throws IOException {
    if (fileBytes < Header.PREFIX) {
      throw new FormatException(
          file + ": expected at least 8 bytes for the header's length, got " + fileBytes);
    }
    ByteBuffer prefix = ByteBuffer.allocate(Header.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    bytes.fill(prefix, 0);
    long length = prefix.getLong(0);
    long most = Math.min(Header.LONGEST, fileBytes - Header.PREFIX);
    if (Long.compareUnsigned(length, most) > 0) {
      throw new FormatException(
          "%s: expected a header of at most %d bytes, got length %s: not a safetensors file, or cut"
              .formatted(file, most, Long.toUnsignedString(length)));
    }
    return length;
  }

  private Header header(long length) throws IOException {
    try (HeaderInput input = new HeaderInput(source, length)) {
      int first = input.read();
      if (first != '{') {
        throw new FormatException(
            file
                + ": expected a header that begins with {, got "
                + (first < 0 ? "an empty one" : "byte 0x%02X".formatted(first)));
      }
    }
    try (Reader text =
        new InputStreamReader(
            new HeaderInput(source, length), StandardCharsets.UTF_8.newDecoder())) {
      return HeaderParser.parse(file, text);
    }
  }
}
