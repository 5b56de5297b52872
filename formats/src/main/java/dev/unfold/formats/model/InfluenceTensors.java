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
  static Optional<KeptInfluence> read(
      SafetensorsReader reader, Metadata metadata, ElementType type) {
    if (!metadata.has(STEPS)) {
      return Optional.empty();
    }
    List<Matrix> numbers = new ArrayList<>();
    for (int i = 0; reader.tensors().containsKey(PREFIX + i); i++) {
      numbers.add(read(reader, PREFIX + i, type));
    }
    return Optional.of(
        new KeptInfluence(
            metadata.whole(STEPS, 0, Long.MAX_VALUE),
            metadata.whole(LIMITED, 0, Long.MAX_VALUE),
            numbers));
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
