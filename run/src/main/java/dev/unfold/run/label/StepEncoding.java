package dev.unfold.run.label;

import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.WordVectors;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a network reads of the steps of sequences: numbers, and texts as categories. All that is counted or measured
/// for it comes from the training part.
///
/// @param channels of the numbers of a step, in their order
/// @param categories of the texts of a step
record StepEncoding(List<Channel> channels, List<String> texts, List<Category> categories) {
  /// Copies the lists.
  StepEncoding {
    channels = List.copyOf(channels);
    texts = List.copyOf(texts);
    categories = List.copyOf(categories);
  }

  /// That of `training`.
  ///
  /// @param parts what is looked at of each text
  /// @param least how often a value has to occur to be told apart
  /// @param vectors of words, if there are any
  static StepEncoding of(
      LabelledData training, List<WordPart> parts, int least, Optional<WordVectors> vectors) {
    List<Channel> channels = new ArrayList<>();
    for (int n = 0; n < training.numbers().size(); n++) {
      channels.add(Channel.of(training, n));
    }
    List<Category> categories = new ArrayList<>();
    for (int m = 0; m < training.texts().size(); m++) {
      for (WordPart part : parts) {
        categories.add(
            part.equals(WordPart.ANY_CASE)
                ? Category.of(training, m, least, vectors.orElseThrow())
                : Category.of(training, m, part, least));
      }
    }
    return new StepEncoding(channels, training.texts(), categories);
  }

  /// How many numbers the network reads at a step.
  int width() {
    return channels.stream().mapToInt(Channel::width).sum();
  }

  /// The encoder of a network that reads this.
  ///
  /// @param embedding the width of the vectors of whole texts, unless there are few of them; those of parts are
  ///     narrower
  Encoder encoder(int embedding) {
    return categories.isEmpty()
        ? new Encoder.Vectors(width())
        : new Encoder.Columns(
            width(),
            categories.stream()
                .map(each -> new Encoder.Embedding(each.size(), each.width(embedding)))
                .toList());
  }

  /// Whether a network with such an encoder reads this.
  boolean fits(Encoder encoder) {
    return encoder.numbers() == width()
        && encoder.categories().stream()
            .map(Encoder.Embedding::vocabulary)
            .toList()
            .equals(categories.stream().map(Category::size).toList());
  }

  /// Checks that a sequence has the numbers and texts of those in training.
  void expectFits(LabelledSequence sequence) {
    int numbers = sequence.numbers().length / sequence.steps();
    int ownTexts = sequence.texts().size() / sequence.steps();
    if (numbers != channels.size() || ownTexts != texts.size()) {
      throw sequence
          .place()
          .refusal(
              "%d numbers and %d texts at each step, as in training"
                  .formatted(channels.size(), texts.size()),
              "%d and %d".formatted(numbers, ownTexts));
    }
  }

  /// What the network reads of a sequence.
  Inputs inputs(LabelledSequence sequence, ElementType type) {
    expectFits(sequence);
    if (categories.isEmpty()) {
      return new Inputs.Vectors(numbers(sequence, type));
    }
    int[][] values =
        categories.stream().map(category -> values(sequence, category)).toArray(int[][]::new);
    return width() == 0
        ? new Inputs.Columns(Optional.empty(), values, 0)
        : new Inputs.Columns(numbers(sequence, type), values);
  }

  private int[] values(LabelledSequence sequence, Category category) {
    int[] values = new int[sequence.steps()];
    for (int t = 0; t < values.length; t++) {
      values[t] = category.of(sequence.texts().get(t * texts.size() + category.text()));
    }
    return values;
  }

  private Matrix numbers(LabelledSequence sequence, ElementType type) {
    Matrix all = Matrix.allocate(type, sequence.steps(), width());
    for (int t = 0; t < sequence.steps(); t++) {
      int column = 0;
      for (int n = 0; n < channels.size(); n++) {
        Channel channel = channels.get(n);
        double number = sequence.numbers()[t * channels.size() + n];
        boolean isThere = !Double.isNaN(number);
        all.set(t, column, isThere ? channel.scaled(number) : 0);
        if (channel.mayLack()) {
          all.set(t, column + 1, isThere ? 1 : 0);
        }
        column += channel.width();
      }
    }
    return all;
  }
}
