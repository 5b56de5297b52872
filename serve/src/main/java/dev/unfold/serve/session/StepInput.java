package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.task.TextModel;
import dev.unfold.sequence.Inputs;
import java.util.Optional;

/// What a session is to read, as it was written.
sealed interface StepInput {
  /// As rows of what the model reads.
  ///
  /// @param text with the vocabulary of its tokens, if it is a model of text
  ///
  /// **Errors**: [Refusal] if the model reads no such thing.
  Inputs of(ModelVersion version, Optional<TextModel> text);

  /// Rows of numbers.
  record Rows(NumberRows numbers) implements StepInput {
    @Override
    public Inputs of(ModelVersion version, Optional<TextModel> text) {
      ElementType type = version.network().kernels().type();
      return switch (version.network().spec().encoder()) {
        case Encoder.Vectors vectors -> {
          numbers.expectWidth(vectors.width(), "I=%d numbers".formatted(vectors.width()));
          yield new Inputs.Vectors(numbers.matrix(type, 0, vectors.width()));
        }
        case Encoder.Columns columns -> columns(columns, type);
        case Encoder.Embedding _ -> throw new Refusal("rows", "tokens or text", "rows of numbers");
      };
    }

    private Inputs columns(Encoder.Columns columns, ElementType type) {
      int width = columns.numbers();
      int count = columns.categories().size();
      numbers.expectWidth(
          width + count,
          "N=%d numbers and %d categories".formatted(width, count));
      int[][] categories = new int[count][];
      for (int c = 0; c < count; c++) {
        categories[c] = numbers.wholes(width + c, columns.categories().get(c).vocabulary());
      }
      Optional<Matrix> values =
          width == 0 ? Optional.empty() : Optional.of(numbers.matrix(type, 0, width));
      return new Inputs.Columns(values, categories, 0);
    }
  }

  /// Numbers of tokens.
  record Tokens(int[] tokens) implements StepInput {
    @Override
    public Inputs of(ModelVersion version, Optional<TextModel> text) {
      if (!(version.network().spec().encoder() instanceof Encoder.Embedding embedding)) {
        throw new Refusal("tokens", "rows of numbers", "tokens");
      }
      for (int token : tokens) {
        if (token < 0 || token >= embedding.vocabulary()) {
          throw new Refusal("tokens", "0 to V-1=" + (embedding.vocabulary() - 1), token);
        }
      }
      return new Inputs.Tokens(tokens, 0);
    }
  }

  /// A text, which goes on where the last one ended.
  record Text(String value) implements StepInput {
    @Override
    public Inputs of(ModelVersion version, Optional<TextModel> text) {
      TextModel model =
          text.orElseThrow(() -> new Refusal("text", "a model of text", version.name()));
      int[] tokens = model.vocabulary().encode(value);
      if (tokens.length == 0) {
        throw new Refusal("text", "a token or more", "none");
      }
      return new Inputs.Tokens(tokens, 0);
    }
  }
}
