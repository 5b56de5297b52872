package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// What another program computed with a model: arrays that went in and came out.
///
/// @param file what messages call it
/// @param arrays the arrays
public record Reference(String file, List<Array> arrays) {
  private static final String ARRAYS = ".npz";
  private static final String ARRAY = ".npy";

  /// What a file of any size may expand to: sequences of zeros and ones compress well.
  private static final long ALWAYS = 1 << 22;

  /// How many files of each kind a folder may have.
  private static final int MOST = 1000;

  /// One array.
  ///
  /// @param name what its file calls it
  /// @param place `input_0`, `output_0` and so on, where it has only its place for a name; else empty
  public record Array(String name, String place, GraphTensor numbers) {
    /// Checks that they are given.
    public Array {
      Expect.given("name", name);
      Expect.given("place", place);
      Expect.given("numbers", numbers);
    }

    /// By what messages tell it from others.
    String shown() {
      return Quote.plain(name.isEmpty() ? place : name);
    }
  }

  /// Checks that they are given, and copies the list.
  public Reference {
    Expect.given("file", file);
    arrays = List.copyOf(arrays);
  }

  /// Reads a file of `numpy.savez` or `numpy.savez_compressed`, or a folder with `input_0.pb`, ..., `output_0.pb`, a
  /// tensor of ONNX each.
  ///
  /// **Memory**: some times the size of the file, and never an amount that it only claims.
  ///
  /// **Errors**: [FormatException] for what is missing, damaged, or has other numbers than those of
  /// [dev.unfold.formats.graph.NumberType] and float16.
  public static Reference read(Path path) {
    Expect.given("path", path);
    return Files.isDirectory(path) ? ofFolder(path) : ofArchive(path);
  }

  private static Reference ofArchive(Path path) {
    if (!path.toString().toLowerCase(Locale.ROOT).endsWith(ARRAYS)) {
      throw new FormatException(
          path
              + ": expected a file of numpy.savez, NAME.npz, or a folder with input_0.pb and so"
              + " on");
    }
    List<Array> arrays = new ArrayList<>();
    try (BoundedArchive archive = BoundedArchive.open(path, ALWAYS)) {
      for (String entry : archive.names()) {
        if (!entry.endsWith(ARRAY)) {
          throw new FormatException(
              "%s: expected arrays alone, NAME.npy, got %s".formatted(path, Quote.of(entry)));
        }
        String name = entry.substring(0, entry.length() - ARRAY.length());
        GraphTensor numbers = NpyArray.read(path + ": " + Quote.plain(name), archive.read(entry));
        arrays.add(new Array(name, "", numbers));
      }
    }
    return of(path, arrays);
  }

  private static Reference ofFolder(Path folder) {
    ModelFormat onnx = ModelFormats.named("onnx");
    List<Array> arrays = new ArrayList<>();
    for (String kind : List.of("input_", "output_")) {
      int count = count(folder, kind);
      for (int i = 0; i < count; i++) {
        String place = kind + i;
        Path file = folder.resolve(place + ".pb");
        Map<String, GraphTensor> tensor = new LinkedHashMap<>(onnx.tensor(file));
        tensor.forEach((name, numbers) -> arrays.add(new Array(name, place, numbers)));
      }
    }
    return of(folder, arrays);
  }

  private static int count(Path folder, String kind) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith(kind) && name.endsWith(".pb"))
              .limit(MOST)
              .toList();
      for (int i = 0; i < names.size(); i++) {
        if (!names.contains(kind + i + ".pb")) {
          throw new FormatException(
              "%s: expected %s0.pb to %s%d.pb, found no %s%d.pb"
                  .formatted(folder, kind, kind, names.size() - 1, kind, i));
        }
      }
      return names.size();
    } catch (IOException e) {
      throw new FormatException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// What is thrown for an array that is not as expected.
  FormatException misfit(Array array, String expected) {
    return new FormatException(
        "%s: %s: expected %s, got %s".formatted(file, array.shown(), expected, array.numbers()));
  }

  private static void expectFinite(Path path, Array array) {
    if (array.numbers().type().isReal()
        && !Arrays.stream(array.numbers().reals()).allMatch(Double::isFinite)) {
      throw new FormatException(
          "%s: %s: expected finite numbers, got others".formatted(path, array.shown()));
    }
  }

  private static Reference of(Path path, List<Array> arrays) {
    arrays.forEach(array -> expectFinite(path, array));
    if (arrays.isEmpty()) {
      throw new FormatException(path + ": expected arrays that went in and came out, found none");
    }
    return new Reference(path.toString(), arrays);
  }
}
