package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.online.KeptInfluence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an online rule keeps, as tensors `influence.0`, `influence.1`, ... of a checkpoint, and how many steps it has
/// seen as metadata.
final class InfluenceTensors {
  private static final String PREFIX = "influence.";
  private static final String STEPS = "influence.steps";
  private static final String LIMITED = "influence.times_limited";

  /// So many steps leave room for more.
  private static final long MOST = Long.MAX_VALUE / 2;

  /// The longest array that every Java makes.
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private InfluenceTensors() {}

  static void write(KeptInfluence kept, Map<String, String> metadata, List<Tensor> tensors) {
    metadata.put(STEPS, Long.toString(kept.steps()));
    metadata.put(LIMITED, Long.toString(kept.timesLimited()));
    for (int i = 0; i < kept.numbers().size(); i++) {
      Matrix copy = kept.numbers().get(i).hostCopy();
      List<Long> shape = List.of((long) copy.rows(), (long) copy.cols());
      tensors.add(new Tensor(PREFIX + i, shape, copy.buffer(), 0));
    }
  }

  /// Takes the names of its tensors from `others`.
  static void pass(SafetensorsReader reader, Set<String> others) {
    for (int i = 0; reader.tensors().containsKey(PREFIX + i); i++) {
      others.remove(PREFIX + i);
    }
  }

  /// Whether a name's prefix is that of its tensors.
  static boolean isPrefix(String prefix) {
    return prefix.equals(PREFIX);
  }

  /// Empty if there is none.
  ///
  /// @param isExpected whether the run has one by now; empty if that is not known
  ///
  /// **Errors**: [FormatException] if there is one in part, or where none is expected, or none where one is.
  static Optional<KeptInfluence> read(
      SafetensorsReader reader, Metadata metadata, ElementType type, Optional<Boolean> isExpected) {
    boolean hasNumbers =
        reader.tensors().keySet().stream().anyMatch(name -> name.startsWith(PREFIX));
    if (!metadata.has(STEPS)) {
      if (isExpected.orElse(false) || hasNumbers) {
        throw new FormatException(
            "%s: metadata %s: expected how many steps an online rule has seen, found none"
                .formatted(reader.file(), Quote.of(STEPS)));
      }
      return Optional.empty();
    }
    if (!isExpected.orElse(true)) {
      throw new FormatException(
          "%s: metadata %s: expected none without an online rule and a state"
              .formatted(reader.file(), Quote.of(STEPS)));
    }
    List<Matrix> numbers = new ArrayList<>();
    for (int i = 0; reader.tensors().containsKey(PREFIX + i); i++) {
      numbers.add(read(reader, PREFIX + i, type));
    }
    return Optional.of(
        new KeptInfluence(
            metadata.whole(STEPS, 0, MOST), metadata.whole(LIMITED, 0, MOST), numbers));
  }

  private static Matrix read(SafetensorsReader reader, String name, ElementType type) {
    List<Long> shape = reader.tensors().get(name).shape();
    boolean isMatrix =
        shape.size() == 2 && shape.stream().allMatch(size -> size >= 1 && size <= LARGEST);
    if (!isMatrix) {
      throw new FormatException(
          "%s: tensor %s: expected a matrix, got %s"
              .formatted(reader.file(), Quote.of(name), shape));
    }
    reader.expect(name, shape);
    // The file is as long as its tensors say, so it takes no more memory than that.
    Matrix matrix =
        Matrix.allocate(type, Math.toIntExact(shape.get(0)), Math.toIntExact(shape.get(1)));
    reader.readFinite(name, matrix.buffer(), 0);
    return matrix;
  }
}
