package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.List;

/// How a network takes its input at a step: some numbers as they are, and after them what is looked up for each
/// category.
public sealed interface Encoder {
  /// I, the width of what the first layer receives.
  int width();

  /// How many numbers come in as they are: the first of the I.
  int numbers();

  /// What is looked up for the others, one table for each category in turn.
  List<Embedding> categories();

  /// The usual width of an embedding of `vocabulary` = V categories: half of V, rounded up, and at most 50.
  ///
  /// **Source**: the rule of GluonTS for categories of series (A. Alexandrov et al., GluonTS, JMLR 21, 2020).
  ///
  /// **Errors**: [IllegalArgumentException] if V is below 1.
  static int width(int vocabulary) {
    Expect.positive("vocabulary", "V", vocabulary);
    return Math.min(50, Math.ceilDiv(vocabulary, 2));
  }

  /// The input is a vector of I numbers.
  record Vectors(int width) implements Encoder {
    /// Checks the width.
    public Vectors {
      Expect.positive("input", "I", width);
    }

    @Override
    public int numbers() {
      return width;
    }

    @Override
    public List<Embedding> categories() {
      return List.of();
    }
  }

  /// The input is one of V tokens; each has a learned vector of I numbers, `embedding.weight [V, I]`.
  record Embedding(int vocabulary, int width) implements Encoder {
    /// Checks the sizes.
    public Embedding {
      Expect.positive("vocabulary", "V", vocabulary);
      Expect.positive("embedding", "I", width);
    }

    @Override
    public int numbers() {
      return 0;
    }

    @Override
    public List<Embedding> categories() {
      return List.of(this);
    }
  }

  /// The input is a row of a table: N numbers, and C categories, the c-th one of V_c with learned vectors of I_c
  /// numbers, `embedding.c.weight [V_c, I_c]`. So I = N + I_0 + I_1 + ...
  ///
  /// @param numbers N, which may be 0 if there are categories
  /// @param categories the sizes of each, in the order of the columns
  record Columns(int numbers, List<Embedding> categories) implements Encoder {
    /// Checks that there is a column.
    public Columns {
      categories = List.copyOf(Expect.given("categories", categories));
      if (numbers < 0) {
        throw new Refusal("numbers", "N of 0 or more", numbers);
      }
      if (numbers == 0 && categories.isEmpty()) {
        throw new Refusal("columns", "a number or a category", "none");
      }
    }

    @Override
    public int width() {
      long sum = numbers + categories.stream().mapToLong(Embedding::width).sum();
      return (int) Math.min(Integer.MAX_VALUE, sum);
    }
  }
}
