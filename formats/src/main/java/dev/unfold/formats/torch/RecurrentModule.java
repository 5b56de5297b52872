package dev.unfold.formats.torch;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Wiring;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The parameters of an `nn.RNN`, `nn.GRU` or `nn.LSTM`, or of one of their cells, as names and shapes show them.
///
/// @param file what messages call the file
/// @param prefix what stands before the names, with a point at its end unless it is empty
/// @param parameters the shapes by layer, and there by direction and parameter, such as `weight_ih`
record RecurrentModule(
    String file, String prefix, TreeMap<Integer, Map<String, Map<String, List<Long>>>> parameters) {
  private static final Pattern NAME =
      Pattern.compile(
          "(.*\\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l([0-9]{1,6})(_reverse)?)?",
          Pattern.DOTALL);

  private static final String REVERSE = "_reverse";
  private static final String INPUT = "weight_ih";
  private static final String RECURRENT = "weight_hh";
  private static final String PROJECTION = "weight_hr";

  /// All of a file by prefix.
  static Map<String, RecurrentModule> all(String file, Map<String, List<Long>> shapes) {
    Map<String, RecurrentModule> all = new TreeMap<>();
    shapes.forEach((name, shape) -> {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        String prefix = Optional.ofNullable(matcher.group(1)).orElse("");
        int layer = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        String direction = matcher.group(4) == null ? "" : REVERSE;
        all.computeIfAbsent(prefix, each -> new RecurrentModule(file, each, new TreeMap<>()))
            .parameters
            .computeIfAbsent(layer, _ -> new TreeMap<>())
            .computeIfAbsent(direction, _ -> new TreeMap<>())
            .put(matcher.group(2), shape);
      }
    });
    return all;
  }

  /// What the file calls a parameter.
  String name(Map<String, List<Long>> shapes, int layer, String direction, String parameter) {
    String full = "%s%s_l%d%s".formatted(prefix, parameter, layer, direction);
    return shapes.containsKey(full) ? full : prefix + parameter;
  }

  /// Its layers.
  ///
  /// @param nonlinearity of an `nn.RNN`, if it is known; asked for where there is one
  List<LayerSpec> layers(Supplier<Optional<String>> nonlinearity) {
    List<LayerSpec> layers = new ArrayList<>();
    for (Map.Entry<Integer, Map<String, Map<String, List<Long>>>> entry : parameters.entrySet()) {
      if (entry.getKey() != layers.size() || !entry.getValue().containsKey("")) {
        throw new FormatException(
            "%s: expected %s%s_l%d, found none"
                .formatted(file, Quote.plain(prefix), INPUT, layers.size()));
      }
      layers.add(layer(entry.getKey(), entry.getValue(), nonlinearity));
    }
    return layers;
  }

  private LayerSpec layer(
      int number,
      Map<String, Map<String, List<Long>>> directions,
      Supplier<Optional<String>> nonlinearity) {
    Map<String, List<Long>> own = directions.get("");
    long rows = size(own, number, INPUT, 0);
    long hidden =
        own.containsKey(PROJECTION)
            ? size(own, number, PROJECTION, 1)
            : size(own, number, RECURRENT, 1);
    if (hidden < 1 || rows % hidden != 0) {
      throw new FormatException(
          "%s: %s%s_l%d: expected 4, 3 or 1 times H=%d rows, got %d"
              .formatted(file, Quote.plain(prefix), INPUT, number, hidden, rows));
    }
    Cell cell = cell(number, (int) Math.min(rows / hidden, 9), own, nonlinearity);
    Set<Wiring> wiring = directions.containsKey(REVERSE) ? Set.of(Wiring.BIDIRECTIONAL) : Set.of();
    return new LayerSpec(cell, (int) hidden, wiring);
  }

  private Cell cell(
      int number, int gates, Map<String, List<Long>> own, Supplier<Optional<String>> nonlinearity) {
    boolean isProjected = own.containsKey(PROJECTION);
    Cell cell =
        switch (gates) {
          case 4 ->
              isProjected
                  ? Cells.named("lstm_projected")
                      .withSize("P", Math.max(1, (int) size(own, number, PROJECTION, 0)))
                  : Cells.lstm();
          case 3 -> Cells.gru();
          case 1 -> elman(nonlinearity.get());
          default ->
              throw new FormatException(
                  "%s: %s%s_l%d: expected 4 gates of an LSTM, 3 of a GRU or 1 of an RNN, got %d or more"
                      .formatted(file, Quote.plain(prefix), INPUT, number, gates));
        };
    return cell.withBias(own.containsKey("bias_ih") ? Bias.PER_OPERAND : Bias.NONE);
  }

  private Cell elman(Optional<String> nonlinearity) {
    return switch (nonlinearity.orElse("")) {
      case "tanh" -> Cells.named("elman");
      case "relu" -> Cells.named("elman_relu");
      default ->
          throw new FormatException(
              ("%s: %s is an nn.RNN, whose nonlinearity the file does not say: expected"
                      + " --set nonlinearity=tanh or --set nonlinearity=relu")
                  .formatted(file, prefix.isEmpty() ? "it" : Quote.plain(prefix)));
    };
  }

  private long size(Map<String, List<Long>> own, int number, String parameter, int dimension) {
    List<Long> shape = own.get(parameter);
    if (shape == null || shape.size() != 2 || shape.get(dimension) > Integer.MAX_VALUE) {
      throw new FormatException(
          "%s: %s%s_l%d: expected a matrix, %s"
              .formatted(
                  file,
                  Quote.plain(prefix),
                  parameter,
                  number,
                  shape == null ? "found none" : "got " + shape));
    }
    return shape.get(dimension);
  }

  /// How many numbers the first layer reads.
  long input() {
    return size(parameters.firstEntry().getValue().getOrDefault("", Map.of()), 0, INPUT, 1);
  }
}
