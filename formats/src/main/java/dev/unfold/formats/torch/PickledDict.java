package dev.unfold.formats.torch;

import dev.unfold.formats.exchange.BoundedArchive;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A state dict in a file of `torch.save`: a zip file with a pickle, of which nothing is run, and storages.
final class PickledDict implements StateDict {
  private static final String PICKLE = "/data.pkl";
  private static final String[] PROGRAM = {"/constants.pkl", "/code/"};

  /// How many tensors may have the same numbers, on average.
  private static final long SHARED = 8;

  private static final byte[] ZIP = {'P', 'K'};

  private final String file;
  private final BoundedArchive archive;
  private final String folder;
  private final Map<String, TensorView> tensors;
  private final Map<String, ByteBuffer> storages = new HashMap<>();

  private PickledDict(String file, BoundedArchive archive, Optional<String> dict) {
    this.file = file;
    this.archive = archive;
    Set<String> names = archive.names();
    String pickle =
        names.stream()
            .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.lastIndexOf('/'))
            .findFirst()
            .orElseThrow(() ->
                new FormatException(
                    file + ": expected an entry data.pkl in a zip file of torch.save, found none"));
    folder = pickle.substring(0, pickle.length() - PICKLE.length() + 1);
    expectData(names);
    tensors = tensors(PickleMachine.read(file, archive.read(pickle), archive.bytes()), dict);
    expectNumbers();
  }

  /// Before anybody allocates memory for tensors: their storages are there, and they are not many views of few numbers.
  private void expectNumbers() {
    long views = 0;
    for (TensorView tensor : tensors.values()) {
      if (tensor.storage().type().isOfParameters()) {
        numbers(tensor.storage());
        views += tensor.count() * tensor.storage().type().bytes();
      }
    }
    long bytes = storages.values().stream().mapToLong(ByteBuffer::capacity).sum();
    if (views > SHARED * bytes) {
      throw new FormatException(
          "%s: expected tensors that share their numbers with at most %d others, got %d bytes of %d"
              .formatted(file, SHARED - 1, views, bytes));
    }
  }

  /// Opens a file.
  ///
  /// @param dict which of several state dicts is meant, by its key
  static PickledDict open(Path path, Optional<String> dict) {
    expectZip(path);
    BoundedArchive archive = BoundedArchive.open(path);
    try {
      return new PickledDict(path.toString(), archive, dict);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /// What was written before PyTorch had zip files is refused by what to do.
  private static void expectZip(Path path) {
    if (!Files.isRegularFile(path)) {
      return;
    }
    try (InputStream input = Files.newInputStream(path)) {
      if (!Arrays.equals(input.readNBytes(ZIP.length), ZIP)) {
        throw new FormatException(
            path
                + ": expected a zip file, as torch.save writes since PyTorch 1.6: load it there and"
                + " save it again, torch.save(torch.load(FILE), FILE)");
      }
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private void expectData(Set<String> names) {
    for (String part : PROGRAM) {
      if (names.stream().anyMatch(name -> name.contains(part))) {
        throw new FormatException(
            file
                + ": expected a state dict, got a TorchScript program: save its state_dict, as"
                + " torch.save(torch.jit.load(FILE).state_dict(), FILE) does");
      }
    }
    String order = folder + "byteorder";
    if (names.contains(order)
        && !new String(archive.read(order), StandardCharsets.UTF_8).strip().equals("little")) {
      throw new FormatException(file + ": expected numbers in the byte order little, got another");
    }
  }

  private Map<String, TensorView> tensors(Object root, Optional<String> dict) {
    if (!(root instanceof Map<?, ?> map)) {
      throw new FormatException(file + ": expected a state dict, got something else");
    }
    if (dict.isPresent()) {
      if (map.get(dict.get()) instanceof Map<?, ?> inner && !tensorsOf(inner).isEmpty()) {
        return tensorsOf(inner);
      }
      throw new FormatException(
          "%s: expected a state dict %s, found none".formatted(file, Quote.of(dict.get())));
    }
    Map<String, TensorView> own = tensorsOf(map);
    if (!own.isEmpty()) {
      return own;
    }
    Map<String, Map<String, TensorView>> inner = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (key instanceof String name
          && value instanceof Map<?, ?> each
          && !tensorsOf(each).isEmpty()) {
        inner.put(name, tensorsOf(each));
      }
    });
    if (inner.size() == 1) {
      return inner.values().iterator().next();
    }
    throw new FormatException(
        inner.isEmpty()
            ? file + ": expected a state dict, got no tensors by name"
            : "%s: holds several state dicts: say which with --set dict=%s"
                .formatted(file, Quote.plain(String.join(" or ", inner.keySet()))));
  }

  private static Map<String, TensorView> tensorsOf(Map<?, ?> map) {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (key instanceof String name && value instanceof TensorView tensor) {
        tensors.put(name, tensor);
      }
    });
    return tensors;
  }

  @Override
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }

  @Override
  public String dtype(String name) {
    return tensors.get(name).storage().type().name();
  }

  @Override
  public void read(String name, HostBuffer target) {
    TensorView tensor = tensors.get(name);
    Storage storage = tensor.storage();
    if (!storage.type().isOfParameters()) {
      throw new FormatException(
          "%s: tensor %s: expected F32, F64, F16 or BF16, got %s"
              .formatted(file, Quote.of(name), storage.type()));
    }
    ByteBuffer numbers = numbers(storage);
    for (long i = 0; i < target.length(); i++) {
      target.set(i, number(numbers, storage.type(), (int) tensor.place(i)));
    }
  }

  private ByteBuffer numbers(Storage storage) {
    ByteBuffer known =
        storages.computeIfAbsent(
            storage.key(),
            key ->
                ByteBuffer.wrap(archive.read(folder + "data/" + key))
                    .order(ByteOrder.LITTLE_ENDIAN));
    if (known.capacity() / storage.type().bytes() < storage.count()) {
      throw new FormatException(
          "%s: data/%s: expected %d numbers of %d bytes, got %d bytes"
              .formatted(
                  file,
                  Quote.plain(storage.key()),
                  storage.count(),
                  storage.type().bytes(),
                  known.capacity()));
    }
    return known;
  }

  private static double number(ByteBuffer numbers, Storage.Type type, int place) {
    return switch (type) {
      case F64 -> numbers.getDouble(place * type.bytes());
      case F32 -> numbers.getFloat(place * type.bytes());
      case F16 -> Float.float16ToFloat(numbers.getShort(place * type.bytes()));
      case BF16 -> Float.intBitsToFloat(numbers.getShort(place * type.bytes()) << Short.SIZE);
      default -> throw new AssertionError(type);
    };
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    String entry = folder + PickleFile.SETTINGS;
    if (archive.names().contains(entry)) {
      new String(archive.read(entry), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.indexOf('=') > 0)
          .forEach(line ->
              settings.put(
                  line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    }
    return settings;
  }

  @Override
  public void close() {
    archive.close();
  }
}
