package dev.unfold.run.series;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.output.KnownAnnotations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What a detector has to keep to go on another day or in another process, as a safetensors file.
///
/// The tensors are `lanes`, `[S, N]`, N numbers for each of S series, and the hidden states by name, such as `h_l0`,
/// `[S*D, H]` for D targets. The metadata are `format` = `unfold-detection`, `format_version` = `1`, `model`, the
/// SHA-256 of what the model is, and `series`, a list of the values that tell each from the others.
final class DetectorState {
  private static final String FORMAT = "unfold-detection";
  private static final String LANES = "lanes";
  private static final JsonMapper JSON = KnownAnnotations.mapper().build();

  private DetectorState() {}

  /// The SHA-256 of what a model is: what it reads, how its scores are distributed, its network and its parameters.
  static String identity(Forecaster forecaster) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Map<String, String> texts =
          new TreeMap<>(SpecText.of(forecaster.spec(), forecaster.calibration()));
      Network network = forecaster.network();
      texts.put("network", network.spec().toString());
      texts.forEach(
          (key, text) -> digest.update((key + "=" + text + "\n").getBytes(StandardCharsets.UTF_8)));
      Network.shapes(network.spec())
          .keySet()
          .forEach(name -> update(digest, network.parameters().matrix(name).toHost()));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, Matrix values) {
    byte[] bytes = new byte[Long.BYTES];
    for (int row = 0; row < values.rows(); row++) {
      for (int col = 0; col < values.cols(); col++) {
        long bits = Double.doubleToLongBits(values.get(row, col));
        for (int i = 0; i < Long.BYTES; i++) {
          bytes[i] = (byte) (bits >>> (8 * i));
        }
        digest.update(bytes);
      }
    }
  }

  /// Writes all that `detector` knows: whole or not at all.
  ///
  /// **Errors**: [WriteException] if the file cannot be written.
  static void save(Path path, Detector detector) {
    List<Lane> lanes = detector.lanes().stream().filter(each -> !each.isNew()).toList();
    SeriesSpec spec = detector.forecaster().spec();
    Network network = detector.forecaster().network();
    long width = Lane.kept(spec);
    HostBuffer numbers =
        HostBuffer.allocate(ElementType.FLOAT64, Math.multiplyExact(width, lanes.size()));
    long at = 0;
    for (Lane lane : lanes) {
      for (double number : lane.write()) {
        numbers.set(at++, number);
      }
    }
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(new Tensor(LANES, List.of((long) lanes.size(), width), numbers, 0));
    if (!lanes.isEmpty()) {
      State all = State.join(lanes.stream().map(Lane::state).toList());
      List<String> names = State.names(network.spec());
      List<Matrix> states = LaneRunner.matrices(all);
      for (int i = 0; i < names.size(); i++) {
        Matrix copy = states.get(i).hostCopy();
        List<Long> shape = List.of((long) copy.rows(), (long) copy.cols());
        tensors.add(new Tensor(names.get(i), shape, copy.buffer(), 0));
      }
    }
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("format", FORMAT);
    metadata.put("format_version", "1");
    metadata.put("model", identity(detector.forecaster()));
    metadata.put("series", JSON.writeValueAsString(lanes.stream().map(Lane::keys).toList()));
    SafetensorsWriter.write(path, metadata, tensors);
  }

  /// Lets `detector` go on from a file. All is checked before memory for it is allocated.
  ///
  /// **Errors**: [FormatException] for a file that cannot be read, is no such file, or belongs to another model.
  static void load(Path path, Detector detector) {
    SeriesSpec spec = detector.forecaster().spec();
    Network network = detector.forecaster().network();
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      expect(path, reader, "format", FORMAT);
      expect(path, reader, "format_version", "1");
      expect(path, reader, "model", identity(detector.forecaster()));
      String[][] keys = keys(path, reader.metadata().getOrDefault("series", ""));
      long width = Lane.kept(spec);
      reader.expect(LANES, List.of((long) keys.length, width));
      List<String> names = State.names(network.spec());
      List<Matrix> widths = LaneRunner.matrices(State.zeros(network.spec(), Precision.FLOAT, 1));
      long rows = (long) keys.length * spec.targets();
      for (int i = 0; keys.length > 0 && i < names.size(); i++) {
        reader.expect(names.get(i), List.of(rows, (long) widths.get(i).cols()));
      }
      if (rows > Integer.MAX_VALUE) {
        throw new FormatException(path + ": expected fewer series, got " + keys.length);
      }
      restore(path, reader, detector, keys);
    }
  }

  private static void restore(
      Path path, SafetensorsReader reader, Detector detector, String[]... keys) {
    SeriesSpec spec = detector.forecaster().spec();
    Network network = detector.forecaster().network();
    int width = Math.toIntExact(Lane.kept(spec));
    HostBuffer numbers =
        HostBuffer.allocate(ElementType.FLOAT64, Math.multiplyExact((long) width, keys.length));
    reader.read(LANES, numbers, 0);
    int targets = spec.targets();
    Precision precision = network.kernels().precision();
    State all = State.zeros(network.spec(), precision, keys.length * targets);
    List<String> names = State.names(network.spec());
    for (int i = 0; keys.length > 0 && i < names.size(); i++) {
      reader.readFinite(names.get(i), LaneRunner.matrices(all).get(i).buffer(), 0);
    }
    for (int s = 0; s < keys.length; s++) {
      double[] own = new double[width];
      for (int i = 0; i < width; i++) {
        own[i] = numbers.get((long) s * width + i);
      }
      Lane lane = detector.lane(List.of(keys[s]));
      try {
        lane.read(own);
      } catch (RuntimeException e) {
        throw new FormatException(
            "%s: tensor %s: expected what is known of series %d, got other numbers"
                .formatted(path, LANES, s),
            e);
      }
      for (int i = 0; i < names.size(); i++) {
        for (int target = 0; target < targets; target++) {
          LaneRunner.matrices(lane.state())
              .get(i)
              .copyRow(LaneRunner.matrices(all).get(i), s * targets + target, target);
        }
      }
      detector.restore(lane);
    }
  }

  private static void expect(Path path, SafetensorsReader reader, String key, String expected) {
    String got = reader.metadata().getOrDefault(key, "");
    if (!got.equals(expected)) {
      throw new FormatException(
          key.equals("model")
              ? path + ": expected what was left by a detector of this model, got that of another"
              : "%s: expected what a detector has left, with %s %s, got %s"
                  .formatted(path, key, expected, got.isEmpty() ? "none" : got));
    }
  }

  private static String[][] keys(Path path, String text) {
    try {
      String[][] keys = JSON.readValue(text, String[][].class);
      for (String[] each : keys) {
        List.of(each);
      }
      return keys;
    } catch (JacksonException | NullPointerException e) {
      throw new FormatException(path + ": metadata series: expected lists of texts", e);
    }
  }
}
