package dev.unfold.formats.keras;

import dev.unfold.argument.Expect;
import dev.unfold.formats.exchange.BoundedArchive;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// All weights of a Keras file by name, also of models that cannot be read as a whole.
///
/// Names are paths within the file without the group `model_weights`: `lstm/lstm/kernel:0` in Keras 2,
/// `layers/lstm/cell/vars/0` in Keras 3.
///
/// **Memory**: the file's bytes, and the numbers that were asked for.
///
/// **Errors**: [FormatException] for a file that is missing, damaged, or has links to other files; for arrays that are
/// compressed.
public final class KerasWeights {
  static final String WEIGHTS = "model.weights.h5";

  /// How many bytes come out of one byte of the file at most.
  private static final long MOST = 16;

  private static final long ALWAYS = 1 << 16;

  /// How many bytes of a file its smallest node takes, and how deep nodes lie at most.
  private static final int NODE = 16;

  private static final int DEEPEST = 24;
  private static final String LEGACY = "model_weights";

  private final String file;
  private final Map<String, Dataset> datasets = new LinkedHashMap<>();
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();
  private final Group root;
  private final Group weights;
  private long nodes;
  private long left;

  private KerasWeights(String file, byte[] bytes) {
    this.file = file;
    nodes = bytes.length / NODE;
    left = Math.max(ALWAYS, MOST * bytes.length);
    root = HdfFile.fromBytes(bytes);
    weights = root.getChildren().get(LEGACY) instanceof Group own ? own : root;
    collect("", weights, 0);
  }

  /// Opens a `.keras` file or one of HDF5.
  public static KerasWeights open(Path path) {
    Expect.given("path", path);
    if (path.toString().toLowerCase(Locale.ROOT).endsWith(".keras")) {
      try (BoundedArchive archive = BoundedArchive.open(path)) {
        return of(path.toString(), archive.read(WEIGHTS));
      }
    }
    if (!Files.isRegularFile(path)) {
      throw new FormatException(
          path
              + ": expected a file, "
              + (Files.exists(path) ? "got a folder, a device or a pipe" : "found none"));
    }
    try {
      return of(path.toString(), Files.readAllBytes(path));
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    } catch (OutOfMemoryError e) {
      throw new FormatException(path + ": expected a file that fits into memory", e);
    }
  }

  static KerasWeights of(String file, byte[] bytes) {
    return guarded(file, () -> new KerasWeights(file, bytes));
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read();
  }

  /// A damaged file meets any exception in the library that reads it: all are the file's fault.
  private static <T> T guarded(String file, Reading<T> reading) {
    try {
      return reading.read();
    } catch (FormatException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new FormatException(file + ": expected a sound HDF5 file: " + Quote.plain(why), e);
    }
  }

  private void collect(String path, Group group, int depth) {
    groups.put(path, group);
    if (depth > DEEPEST) {
      throw new FormatException(
          file + ": expected at most %d groups in each other".formatted(DEEPEST));
    }
    for (Map.Entry<String, Node> child : group.getChildren().entrySet()) {
      String name = path.isEmpty() ? child.getKey() : path + "/" + child.getKey();
      if (--nodes < 0) {
        throw new FormatException(file + ": expected fewer groups than it has room for");
      }
      Node node = child.getValue();
      if (node.isLink()) {
        throw new FormatException(file + ": " + Quote.of(name) + ": expected no links, got one");
      }
      switch (node) {
        case Group inner -> collect(name, inner, depth + 1);
        case Dataset dataset -> add(name, dataset);
        default -> {}
      }
    }
  }

  private void add(String name, Dataset dataset) {
    datasets.put(name, dataset);
    if (!dataset.isScalar() && !dataset.isEmpty()) {
      shapes.put(name, Arrays.stream(dataset.getDimensions()).boxed().toList());
    }
  }

  /// The shapes of all arrays by name, in the order of the file.
  public Map<String, List<Integer>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  /// The numbers of `name`.
  ///
  /// **Errors**: [FormatException] also if there is no such array, or its numbers are not in floating point.
  public KerasTensor tensor(String name) {
    Dataset dataset = datasets.get(name);
    if (dataset == null) {
      throw new FormatException(file + ": expected an array " + Quote.of(name) + ", found none");
    }
    return guarded(file, () -> tensor(name, dataset));
  }

  private KerasTensor tensor(String name, Dataset dataset) {
    Class<?> type = dataset.getJavaType();
    if (type != float.class && type != double.class) {
      throw new FormatException(
          "%s: %s: expected numbers in floating point, got %s"
              .formatted(file, Quote.plain(name), type.getSimpleName()));
    }
    if (!dataset.getFilters().isEmpty()) {
      // The library that reads them expands a piece of an array to whatever it comes to.
      throw new FormatException(
          "%s: %s: expected numbers as they are, got ones that went through the filter %s"
              .formatted(
                  file, Quote.plain(name), Quote.plain(dataset.getFilters().getFirst().getName())));
    }
    long bytes = type == float.class ? Float.BYTES : Double.BYTES;
    double claimed = bytes;
    for (int size : dataset.getDimensions()) {
      claimed *= size;
    }
    if (!(claimed >= 0 && claimed <= left)) {
      throw new FormatException(
          "%s: %s: expected fewer numbers than %s in a file of that size"
              .formatted(file, Quote.plain(name), Arrays.toString(dataset.getDimensions())));
    }
    left -= (long) claimed;
    KerasTensor tensor =
        new KerasTensor(
            Arrays.stream(dataset.getDimensions()).boxed().toList(), dataset.getDataFlat());
    if (tensor.count() != claimed / bytes) {
      throw new FormatException(
          "%s: %s: expected %d numbers, got %d"
              .formatted(file, Quote.plain(name), (long) (claimed / bytes), tensor.count()));
    }
    return tensor;
  }

  /// Whether there is a group `path`.
  boolean hasGroup(String path) {
    return groups.containsKey(path);
  }

  /// The names of the groups right within `path`.
  List<String> groupsIn(String path) {
    List<String> names = new ArrayList<>();
    String begin = path + "/";
    for (String group : groups.keySet()) {
      if (group.startsWith(begin) && group.indexOf('/', begin.length()) < 0) {
        names.add(group.substring(begin.length()));
      }
    }
    return names;
  }

  /// A text of the whole file, such as `model_config`.
  Optional<String> text(String attribute) {
    List<String> texts = guarded(file, () -> texts(root, attribute));
    return Stream.concat(texts.stream(), texts("", attribute).stream()).findFirst();
  }

  /// The texts of a group, such as `weight_names`; none if it has no such attribute.
  List<String> texts(String path, String attribute) {
    Group group = groups.get(path);
    return group == null ? List.of() : guarded(file, () -> texts(group, attribute));
  }

  /// Long lists stand in several attributes, with a number behind the name.
  private static List<String> texts(Group group, String name) {
    Map<String, Attribute> attributes = group.getAttributes();
    List<String> texts = new ArrayList<>();
    if (attributes.containsKey(name)) {
      addTexts(attributes.get(name), texts);
    }
    for (int i = 0; attributes.containsKey(name + i); i++) {
      addTexts(attributes.get(name + i), texts);
    }
    return texts;
  }

  private static void addTexts(Attribute attribute, List<String> texts) {
    switch (attribute.isEmpty() ? null : attribute.getData()) {
      case String text -> texts.add(text);
      case String[] several -> texts.addAll(Arrays.asList(several));
      case null, default -> {}
    }
  }
}
