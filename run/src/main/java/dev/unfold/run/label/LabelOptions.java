package dev.unfold.run.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.label.WordVectors;
import dev.unfold.head.Pooling;
import dev.unfold.model.Noise;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.Schedule;
import java.util.Optional;
import java.util.function.Consumer;

/// How a classifier or a tagger is made. The defaults are one set for any data: what is to be said of those is said by
/// the data.
///
/// @param cell the recurrence; layers run in both directions
/// @param hidden H, of each direction
/// @param layers L
/// @param noise random masks to train with
/// @param embedding width of a word's vector; with `vectors` theirs counts
/// @param look what is looked at of a word; categories are looked at as a whole
/// @param least how often a text has to occur in training to be told from those that are unknown
/// @param pooling which vector of a sequence a class is read out of
/// @param decoding how tags are found; empty for what suits them
/// @param training how long, and how parameters are changed
/// @param seed of all that is drawn
/// @param vectors that words start with
public record LabelOptions(
    Cell cell,
    int hidden,
    int layers,
    Noise noise,
    int embedding,
    Look look,
    int least,
    Pooling pooling,
    Optional<Decoding> decoding,
    TrainingOptions training,
    long seed,
    Optional<WordVectors.File> vectors) {
  /// Wider vectors are a slip.
  private static final int WIDEST = 1 << 16;

  /// What is looked at of a word.
  public enum Look {
    /// The word as a whole.
    WORDS,
    /// Also its beginning, its end, and which kinds of characters it has.
    CHARACTERS
  }

  /// Checks the numbers.
  public LabelOptions {
    Expect.given("cell", cell);
    Expect.given("noise", noise);
    Expect.given("look", look);
    Expect.given("pooling", pooling);
    Expect.given("decoding", decoding);
    Expect.given("training", training);
    Expect.given("vectors", vectors);
    if (embedding < 1 || embedding > WIDEST) {
      throw new Refusal("embedding", "I from 1 to " + WIDEST, embedding);
    }
    if (least < 1) {
      throw new Refusal("min-count", "1 or more", least);
    }
  }

  /// Those of a [SequenceClassifier].
  public static LabelOptions ofClassifier() {
    return new LabelOptions(
        Cells.lstm(),
        100,
        1,
        Noise.parse("input=0.5,output=0.5"),
        100,
        Look.CHARACTERS,
        1,
        Pooling.MAX,
        Optional.empty(),
        training(16, 40),
        1,
        Optional.empty());
  }

  /// Those of a [SequenceTagger].
  public static LabelOptions ofTagger() {
    return new LabelOptions(
        Cells.lstm(),
        100,
        1,
        Noise.parse("input=0.2,output=0.5"),
        100,
        Look.WORDS,
        2,
        Pooling.MAX,
        Optional.empty(),
        training(32, 10),
        1,
        Optional.empty());
  }

  private static TrainingOptions training(int batch, int epochs) {
    TrainingOptions usual = TrainingOptions.defaults();
    return usual
        .withBatch(batch)
        .withBudget(new Budget.Epochs(epochs))
        .withRule(usual.rule().with(Schedule.parse("one-cycle")));
  }

  /// The same options, of which some are to be others.
  private static final class Draft {
    private Cell cell;
    private int hidden;
    private int layers;
    private Noise noise;
    private int embedding;
    private Look look;
    private int least;
    private Pooling pooling;
    private Optional<Decoding> decoding;
    private TrainingOptions training;
    private long seed;
    private Optional<WordVectors.File> vectors;

    Draft(LabelOptions from) {
      cell = from.cell;
      hidden = from.hidden;
      layers = from.layers;
      noise = from.noise;
      embedding = from.embedding;
      look = from.look;
      least = from.least;
      pooling = from.pooling;
      decoding = from.decoding;
      training = from.training;
      seed = from.seed;
      vectors = from.vectors;
    }

    LabelOptions made() {
      return new LabelOptions(
          cell, hidden, layers, noise, embedding, look, least, pooling, decoding, training, seed,
          vectors);
    }
  }

  private LabelOptions but(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.made();
  }

  /// The same with other cells in L layers of H units a direction.
  public LabelOptions with(Cell other, int units, int count) {
    return but(draft -> {
      draft.cell = other;
      draft.hidden = units;
      draft.layers = count;
    });
  }

  /// The same with other random masks.
  public LabelOptions with(Noise other) {
    return but(draft -> draft.noise = other);
  }

  /// The same with vectors of another width for words.
  public LabelOptions withEmbedding(int width) {
    return but(draft -> draft.embedding = width);
  }

  /// The same, looking at something else of a text.
  public LabelOptions with(Look other) {
    return but(draft -> draft.look = other);
  }

  /// The same with texts told apart that occur `count` times or more.
  public LabelOptions withLeast(int count) {
    return but(draft -> draft.least = count);
  }

  /// The same with another vector of a sequence.
  public LabelOptions with(Pooling other) {
    return but(draft -> draft.pooling = other);
  }

  /// The same with another way to find tags.
  public LabelOptions with(Decoding other) {
    return but(draft -> draft.decoding = Optional.of(other));
  }

  /// The same, trained otherwise.
  public LabelOptions with(TrainingOptions other) {
    return but(draft -> draft.training = other);
  }

  /// The same with vectors that words start with, learned elsewhere.
  public LabelOptions with(WordVectors.File file) {
    return but(draft -> draft.vectors = Optional.of(file));
  }

  /// The same with another seed.
  public LabelOptions withSeed(long other) {
    return but(draft -> draft.seed = other);
  }
}
