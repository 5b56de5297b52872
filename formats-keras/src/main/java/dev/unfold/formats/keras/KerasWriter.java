package dev.unfold.formats.keras;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.formats.exchange.StoredEntry;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.head.Head;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.zip.ZipOutputStream;

/// A network as a Sequential model of Keras 3.
final class KerasWriter {
  private final Network network;
  private final NetworkSpec spec;
  private final List<KerasCell> cells = new ArrayList<>();
  private final ConfigWriter config;

  /// **Errors**: [IllegalArgumentException] that names what Keras's layers cannot hold.
  KerasWriter(Network network) {
    this.network = network;
    spec = network.spec();
    for (int l = 0; l < spec.layers(); l++) {
      if (spec.stack().get(l).has(Wiring.RESIDUAL)) {
        throw new Refusal("model", "layers without residuals for Keras", "layer l" + l);
      }
      cells.add(KerasCell.of(spec.stack().get(l).cell()));
    }
    config = new ConfigWriter(spec, List.copyOf(cells));
    if (spec.has(Wiring.TIED)) {
      throw new Refusal("model", "a head with weights of its own for Keras", "tied ones");
    }
    if (spec.encoder() instanceof Encoder.Columns) {
      throw new Refusal("model", "vectors or tokens for Keras", "columns of a table");
    }
    if (!spec.noise().zoneout().isEmpty()) {
      throw new Refusal("model", "a network without zoneout for Keras", spec.noise().text());
    }
    ConfigWriter.activation(spec.head());
    if (spec.head().pooled().filter(Pooling.LAST::equals).isPresent()
        && spec.stack().getLast().has(Wiring.BIDIRECTIONAL)) {
      throw new Refusal(
          "model",
          "a last layer of one direction for Keras, which reads the first step of the other",
          "pooling of the last step in both directions");
    }
  }

  List<String> writeArchive(Path file) {
    byte[] weights = HdfWriter.bytes(arrays());
    AtomicFile.write(
        file,
        channel -> {
          ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
          put(zip, "metadata.json", ConfigWriter.metadata().getBytes(StandardCharsets.UTF_8));
          put(zip, "config.json", config.model().getBytes(StandardCharsets.UTF_8));
          put(zip, KerasWeights.WEIGHTS, weights);
          zip.finish();
        });
    List<String> lines = lines();
    lines.add("model = keras.saving.load_model(\"%s\")".formatted(file.getFileName()));
    return lines;
  }

  List<String> writeWeights(Path file) {
    String model = config.model();
    boolean fits = model.getBytes(StandardCharsets.UTF_8).length <= HdfWriter.LONGEST;
    // Keras looks for no attribute in such a file; the reader here does, and finds order, functions
    // and pooling.
    AtomicFile.write(
        file, HdfWriter.bytes(arrays(), fits ? Map.of(KerasFormat.MODEL_CONFIG, model) : Map.of()));
    List<String> lines = lines();
    lines.add("model.load_weights(\"%s\"), of a Sequential of:".formatted(file.getFileName()));
    config
        .layers()
        .forEach(layer ->
            lines.add(
                "%s %s".formatted(layer.get("class_name").stringValue(), layer.get("config"))));
    return lines;
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    StoredEntry.put(zip, name, output -> output.write(content));
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    boolean isTokens = spec.encoder() instanceof Encoder.Embedding;
    lines.add(
        "input: "
            + (isTokens ? "tokens [B, T]" : "[B, T, I=%d]".formatted(spec.encoder().width())));
    lines.add(
        "output: %s, K=%d, %s"
            .formatted(
                spec.head().isOfSteps() ? "[B, T, K]" : "[B, K]",
                spec.outputs(),
                ConfigWriter.activation(spec.head())));
    if (!spec.noise().equals(Noise.NONE)) {
      lines.add("dropout is left out: it does nothing when a model is used");
    }
    for (int l = 0; l < spec.layers(); l++) {
      if (spec.stack().get(l).cell().bias() == Bias.PER_OPERAND && rows(l) == 1) {
        lines.add("layer l%d: its two biases are added up, as Keras has one".formatted(l));
      }
    }
    return lines;
  }

  /// All arrays by their paths.
  Map<String, HdfWriter.Array> arrays() {
    Map<String, HdfWriter.Array> arrays = new LinkedHashMap<>();
    // Keras asks for the variables of the model itself, of which there are none.
    arrays.put("vars/", null);
    if (spec.encoder() instanceof Encoder.Embedding) {
      arrays.put("layers/embedding/vars/0", plain(matrix(Network.EMBEDDING)));
    }
    Map<String, Integer> count = new HashMap<>();
    for (int l = 0; l < spec.layers(); l++) {
      boolean isBoth = spec.stack().get(l).has(Wiring.BIDIRECTIONAL);
      String name = isBoth ? "bidirectional" : snake(cells.get(l).type());
      int number = count.merge(name, 1, Integer::sum) - 1;
      String path = "layers/" + name + (number == 0 ? "" : "_" + number);
      List<String> suffixes = Network.suffixes(spec, l);
      if (isBoth) {
        put(arrays, path + "/forward_layer/cell/vars/", l, suffixes.getFirst());
        put(arrays, path + "/backward_layer/cell/vars/", l, suffixes.getLast());
      } else {
        put(arrays, path + "/cell/vars/", l, suffixes.getFirst());
      }
    }
    arrays.put("layers/dense/vars/0", turned(matrix(Head.WEIGHT)));
    if (spec.hasReadoutBias()) {
      arrays.put("layers/dense/vars/1", vector(matrix(Head.BIAS)));
    }
    return arrays;
  }

  private static String snake(String type) {
    return type.equals("SimpleRNN") ? "simple_rnn" : type.toLowerCase(Locale.ROOT);
  }

  private Matrix matrix(String name) {
    return network.parameters().matrix(name).toHost();
  }

  /// The rows of a layer's bias in Keras.
  private int rows(int l) {
    return cells.get(l).type().equals("GRU") && cells.get(l).isResetAfter() ? 2 : 1;
  }

  private void put(Map<String, HdfWriter.Array> arrays, String path, int l, String suffix) {
    int gates = cells.get(l).count();
    int hidden = spec.stack().get(l).hidden();
    Cell cell = spec.stack().get(l).cell();
    Matrix input = matrix("weight_ih" + suffix);
    arrays.put(
        path + 0,
        array(input.cols(), gates * hidden, (r, c) -> input.get(turn(gates, hidden, c), r)));
    Matrix state = matrix("weight_hh" + suffix);
    boolean isBefore = isBefore(l);
    Matrix candidate = isBefore ? matrix("weight_rh" + suffix) : state;
    arrays.put(
        path + 1,
        array(
            hidden,
            gates * hidden,
            (r, c) -> {
              int row = turn(gates, hidden, c);
              return isBefore && row >= 2 * hidden
                  ? candidate.get(row - 2 * hidden, r)
                  : state.get(row, r);
            }));
    if (cell.bias() != Bias.NONE) {
      arrays.put(path + 2, bias(l, gates, hidden, suffix));
    }
  }

  /// Our row for a column of Keras's.
  private static int turn(int gates, int hidden, int column) {
    return RecurrentWeights.place(gates, column / hidden) * hidden + column % hidden;
  }

  private HdfWriter.Array bias(int l, int gates, int hidden, String suffix) {
    int width = gates * hidden;
    if (spec.stack().get(l).cell().bias() == Bias.PER_OPERAND) {
      Matrix first = matrix("bias_ih" + suffix);
      Matrix second = matrix("bias_hh" + suffix);
      return rows(l) == 2
          ? array(2, width, (r, c) -> (r == 0 ? first : second).get(0, turn(gates, hidden, c)))
          : sum(l, width, suffix, first, second, gates, hidden);
    }
    Matrix only = matrix("bias" + suffix);
    if (rows(l) == 1) {
      return array(width, c -> only.get(0, turn(gates, hidden, c)));
    }
    // r, z, and the input's and the state's share of n.
    return array(
        2,
        width,
        (r, c) -> {
          int row = turn(gates, hidden, c);
          if (r == 0) {
            return only.get(0, row);
          }
          return row < 2 * hidden ? 0 : only.get(0, row + hidden);
        });
  }

  private boolean isBefore(int l) {
    return cells.get(l).type().equals("GRU") && !cells.get(l).isResetAfter();
  }

  private HdfWriter.Array sum(
      int l, int width, String suffix, Matrix first, Matrix second, int gates, int hidden) {
    // Before the product the candidate's share of the state has a bias of its own.
    Matrix third = isBefore(l) ? matrix("bias_rh" + suffix) : second;
    return array(
        width,
        c -> {
          int row = turn(gates, hidden, c);
          return first.get(0, row)
              + (isBefore(l) && row >= 2 * hidden
                  ? third.get(0, row - 2 * hidden)
                  : second.get(0, row));
        });
  }

  private interface Entry {
    double at(int row, int column);
  }

  private HdfWriter.Array array(int rows, int columns, Entry entry) {
    return new HdfWriter.Array(type(), new int[] {rows, columns}, numbers(rows, columns, entry));
  }

  private HdfWriter.Array array(int length, IntToDoubleFunction entry) {
    return new HdfWriter.Array(
        type(), new int[] {length}, numbers(1, length, (_, c) -> entry.applyAsDouble(c)));
  }

  private ElementType type() {
    return network.kernels().type();
  }

  private byte[] numbers(int rows, int columns, Entry entry) {
    int bytes = Math.multiplyExact(Math.multiplyExact(rows, columns), type().bytes());
    ByteBuffer numbers = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        switch (type()) {
          case FLOAT32 -> numbers.putFloat((float) entry.at(r, c));
          case FLOAT64 -> numbers.putDouble(entry.at(r, c));
        }
      }
    }
    return numbers.array();
  }

  private HdfWriter.Array plain(Matrix matrix) {
    return array(matrix.rows(), matrix.cols(), matrix::get);
  }

  private HdfWriter.Array turned(Matrix matrix) {
    return array(matrix.cols(), matrix.rows(), (r, c) -> matrix.get(c, r));
  }

  private HdfWriter.Array vector(Matrix matrix) {
    return array(matrix.cols(), c -> matrix.get(0, c));
  }
}
