package dev.unfold.formats.torch;

import dev.unfold.cell.Bias;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.NetworkAssembly;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Makes a network of a state dict: recurrent layers, an embedding before them and a linear layer behind them, found
/// from names and shapes.
final class StateDictReader {
  private static final String PREFIX = "prefix";
  private static final String CELL = "cell";
  static final String NONLINEARITY = "nonlinearity";
  static final String EMBEDDING = "embedding";
  static final String HEAD = "head";
  static final String OUTPUTS = "outputs";
  private static final String REST = "rest";
  static final String NONE = "none";

  /// How parameters are kept.
  private static final List<String> PARAMETERS = List.of("F32", "F64", "F16", "BF16");

  /// What a file that is written here says about itself.
  static final Set<String> OWN = Set.of(NONLINEARITY, EMBEDDING, HEAD, OUTPUTS);

  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  /// What people call the table that tokens are looked up in.
  private static final Pattern LOOKUP =
      Pattern.compile(".*(emb|lookup|wte|encoder)[^.]*", Pattern.CASE_INSENSITIVE);

  private final String file;
  private final StateDict dict;
  private final ImportOptions options;
  private final Map<String, List<Long>> shapes;
  private final Set<String> used = new LinkedHashSet<>();
  private final List<String> conventions = new ArrayList<>();
  private final NetworkAssembly assembly;

  StateDictReader(String file, StateDict dict, ImportOptions options) {
    this.file = file;
    this.dict = dict;
    this.options = options;
    shapes = dict.shapes();
    assembly = new NetworkAssembly(file);
  }

  Imported read() {
    List<RecurrentModule> modules = modules();
    List<LayerSpec> layers = new ArrayList<>();
    for (RecurrentModule module : modules) {
      List<LayerSpec> own = module.layers(this::nonlinearity);
      own.forEach(this::expectSaid);
      put(module, own, layers.size());
      layers.addAll(own);
    }
    int input = size(modules.getFirst().input());
    int width = input;
    for (LayerSpec layer : layers) {
      width = layer.outputSize(width);
    }
    Optional<String> table = embedding(input, width);
    Optional<String> linear = linear(width, table);
    Encoder encoder =
        table
            .<Encoder>map(name -> new Encoder.Embedding(rows(name), input))
            .orElseGet(() -> new Encoder.Vectors(input));
    table.ifPresent(name -> put(Network.EMBEDDING, name + WEIGHT));
    table.ifPresent(name ->
        conventions.add(
            "input: one of V=%d tokens, %s [V, I=%d]"
                .formatted(rows(name), shown(name + WEIGHT), input)));
    int outputs = linear.map(this::rows).orElse(width);
    putHead(linear, width, outputs);
    NetworkAssembly.Readout readout =
        linear
            .map(name ->
                shapes.containsKey(name + BIAS)
                    ? NetworkAssembly.Readout.BIASED
                    : NetworkAssembly.Readout.UNBIASED)
            .orElse(NetworkAssembly.Readout.ABSENT);
    List<LayerSpec> stack =
        assembly.withBias(layers, readout, outputs, Bias.PER_OPERAND, conventions);
    NetworkSpec spec = new NetworkSpec(encoder, stack, head(outputs, encoder));
    expectNothingLeft();
    sayPrecision();
    Network network = assembly.network(spec, options.kernels());
    return new Imported(NetworkModel.of(network), conventions);
  }

  /// That of an `nn.RNN`, which the name of its cell says as well.
  private Optional<String> nonlinearity() {
    return options
        .setting(NONLINEARITY)
        .or(() ->
            switch (options.setting(CELL).orElse("")) {
              case "elman" -> Optional.of("tanh");
              case "elman_relu" -> Optional.of("relu");
              default -> Optional.empty();
            });
  }

  private void expectSaid(LayerSpec layer) {
    String found = layer.cell().name();
    String said = options.setting(CELL).orElse(found);
    if (!said.equals(found)) {
      throw new FormatException(
          "%s: expected layers of %s, as is said, got %s by their shapes"
              .formatted(file, shown(said), found));
    }
  }

  /// The modules in the order in which they run.
  private List<RecurrentModule> modules() {
    Map<String, RecurrentModule> all = RecurrentModule.all(file, shapes);
    if (all.isEmpty()) {
      throw new FormatException(
          file
              + ": expected parameters of an nn.RNN, nn.GRU or nn.LSTM, such as lstm.weight_ih_l0,"
              + " found none");
    }
    List<RecurrentModule> chosen = new ArrayList<>();
    if (options.setting(PREFIX).isPresent()) {
      for (String name : options.setting(PREFIX).get().split(",", -1)) {
        RecurrentModule module = all.get(name.isEmpty() || name.endsWith(".") ? name : name + ".");
        if (module == null || chosen.contains(module)) {
          throw new FormatException(
              "%s: expected --set prefix=%s, or some of them with commas in the order in which they run, got %s"
                  .formatted(file, prefixes(all, " or "), Quote.plain(name)));
        }
        chosen.add(module);
      }
    } else if (all.size() > 1) {
      throw new FormatException(
          ("%s: holds several recurrent modules: say which with --set prefix=%s,"
                  + " or with commas in the order in which they run")
              .formatted(file, prefixes(all, " or ")));
    } else {
      chosen.addAll(all.values());
    }
    return chosen;
  }

  private static String prefixes(Map<String, RecurrentModule> all, String between) {
    return Quote.plain(
        String.join(
            between, all.keySet().stream().map(prefix -> prefix.replaceAll("\\.$", "")).toList()));
  }

  /// Parameters of layers, the first of which is number `base` of the network.
  private void put(RecurrentModule module, List<LayerSpec> layers, int base) {
    module
        .parameters()
        .forEach((layer, directions) ->
            directions.forEach((direction, parameters) ->
                parameters
                    .keySet()
                    .forEach(parameter ->
                        put(
                            "%s_l%d%s".formatted(parameter, base + layer, direction),
                            module.name(shapes, layer, direction, parameter)))));
    for (int l = 0; l < layers.size(); l++) {
      LayerSpec layer = layers.get(l);
      conventions.add(
          "layer l%d: %s of %s, H=%d%s, gates %s"
              .formatted(
                  base + l,
                  layer.cell().name(),
                  module.prefix().isEmpty() ? "the file" : shown(module.prefix()),
                  layer.hidden(),
                  layer.directions() > 1 ? ", both directions" : "",
                  gates(layer)));
    }
  }

  private static String gates(LayerSpec layer) {
    String name = layer.cell().name();
    if (name.startsWith("lstm")) {
      return "i, f, g, o";
    }
    return name.equals("gru") ? "r, z, n with the reset after the product" : "none";
  }

  /// Before anybody allocates memory for it: only numbers of parameters are sure to be in the file.
  private void put(String parameter, String source) {
    if (!PARAMETERS.contains(dict.dtype(source))) {
      throw new FormatException(
          "%s: tensor %s: expected %s, got %s"
              .formatted(
                  file,
                  Quote.of(source),
                  String.join(" or ", PARAMETERS),
                  Quote.plain(dict.dtype(source))));
    }
    used.add(source);
    assembly.put(
        parameter,
        source,
        shapes.get(source).stream().map(this::size).toList(),
        target -> dict.read(source, target));
  }

  private int size(long size) {
    if (size > Integer.MAX_VALUE) {
      throw new FormatException(file + ": expected sizes below 2^31, got " + size);
    }
    return (int) size;
  }

  private int rows(String name) {
    int rows = size(shapes.get(name + WEIGHT).getFirst());
    if (rows < 1) {
      throw new FormatException(
          file + ": " + shown(name + WEIGHT) + ": expected a row or more, got none");
    }
    return rows;
  }

  private static String shown(String name) {
    return Quote.plain(name);
  }

  /// The table of an embedding, by what stands before `.weight`.
  private Optional<String> embedding(int input, int width) {
    Optional<String> said = said(EMBEDDING, input);
    if (said.isPresent()) {
      return said.filter(name -> !name.equals(NONE));
    }
    List<String> found =
        matrices(input).stream()
            .filter(name -> !shapes.containsKey(name + BIAS))
            .filter(name -> input != width || LOOKUP.matcher(name).matches())
            .toList();
    return one(EMBEDDING, found);
  }

  /// The linear layer that reads the outputs, by what stands before `.weight`.
  private Optional<String> linear(int width, Optional<String> table) {
    Optional<String> said = said(HEAD, width);
    if (said.isPresent()) {
      return said.filter(name -> !name.equals(NONE));
    }
    List<String> found =
        matrices(width).stream().filter(name -> !table.equals(Optional.of(name))).toList();
    return one(HEAD, found);
  }

  private Optional<String> said(String setting, int columns) {
    Optional<String> said = options.setting(setting);
    if (said.isPresent() && !said.get().equals(NONE) && !matrices(columns).contains(said.get())) {
      throw new FormatException(
          "%s: expected --set %s=%s: matrices of %d columns, got %s"
              .formatted(
                  file,
                  setting,
                  shown(String.join(" or ", withNone(matrices(columns)))),
                  columns,
                  shown(said.get())));
    }
    return said;
  }

  private static List<String> withNone(List<String> names) {
    List<String> all = new ArrayList<>(names);
    all.add(NONE);
    return all;
  }

  private Optional<String> one(String setting, List<String> found) {
    if (found.size() > 1) {
      throw new FormatException(
          "%s: several matrices could be the %s: say which with --set %s=%s"
              .formatted(
                  file,
                  setting.equals(HEAD) ? "linear layer behind the recurrent ones" : setting,
                  setting,
                  shown(String.join(" or ", withNone(found)))));
    }
    return found.stream().findFirst();
  }

  /// All `NAME.weight [*, columns]` that are no recurrent layer's.
  private List<String> matrices(int columns) {
    return shapes.entrySet().stream()
        .filter(entry ->
            entry.getKey().endsWith(WEIGHT)
                && entry.getValue().size() == 2
                && entry.getValue().getLast() == columns)
        .map(entry -> entry.getKey().substring(0, entry.getKey().length() - WEIGHT.length()))
        .toList();
  }

  private void putHead(Optional<String> linear, int width, int outputs) {
    if (linear.isEmpty()) {
      assembly.putIdentity(Head.WEIGHT, width);
      conventions.add(
          "head: none in the file, so the outputs are those of the last layer, read out by the"
              + " identity");
      return;
    }
    String name = linear.get();
    put(Head.WEIGHT, name + WEIGHT);
    conventions.add("head: %s [K=%d, H=%d]".formatted(shown(name + WEIGHT), outputs, width));
    if (shapes.containsKey(name + BIAS)) {
      put(Head.BIAS, name + BIAS);
    }
  }

  private Head head(int outputs, Encoder encoder) {
    Optional<String> said = options.setting(OUTPUTS);
    if (said.isPresent()) {
      return Head.parse(said.get(), outputs);
    }
    boolean isNext = encoder instanceof Encoder.Embedding tokens && tokens.vocabulary() == outputs;
    Head head =
        isNext ? new Head.Classes(outputs) : new Head.Values(outputs, new ValueLoss.SquaredError());
    conventions.add(
        "outputs: taken for %s, which the file does not say (--set outputs=classes, for one)"
            .formatted(head.text()));
    return head;
  }

  private void expectNothingLeft() {
    Map<String, List<Long>> left = new LinkedHashMap<>(shapes);
    left.keySet().removeAll(used);
    if (left.isEmpty()) {
      return;
    }
    String names = shown(String.join(", ", left.keySet()));
    Optional<String> said = options.setting(REST);
    if (said.isEmpty() || !said.get().equals("ignore")) {
      throw new FormatException(
          ("%s: %s: in none of the layers that are read, which are recurrent ones, an embedding and"
                  + " a linear head: --set rest=ignore reads these alone")
              .formatted(file, names));
    }
    conventions.add("left out: " + names);
  }

  private void sayPrecision() {
    boolean isRounded =
        options.kernels().type() == ElementType.FLOAT32
            && used.stream().anyMatch(name -> dict.dtype(name).equals("F64"));
    if (isRounded) {
      conventions.add("numbers: of 64 bits in the file, rounded to 32");
    }
  }
}
