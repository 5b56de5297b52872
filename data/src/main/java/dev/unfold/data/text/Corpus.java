package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Heap;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// A training text, a validation text, and the vocabulary of the training text.
///
/// Without a validation text of its own, the last tenth of the tokens validates: `n / 10` of `n`,
/// rounded down. The vocabulary is made of the rest, so that nothing of what validates is known in
/// training. Of a text whose lines are sequences of their own ([TextForm#LINES]) a tenth of the lines validates, which
/// is drawn by a seed.
///
/// Text is read as strict UTF-8, with or without a byte order mark; [Unit#BYTE] reads any file.
/// Several files are one text, in the given order.
///
/// **Memory**: 4 bytes a token for each text, and as much again while it is read.
///
/// **Errors**: [DataException] for a file that is missing, a folder, not readable, empty or not
/// UTF-8, for a text that is too short to be split, and for one that the heap has no room for.
///
/// @param vocabulary the tokens of the training text
/// @param training what a network learns from
/// @param validation what tells how well it does
public record Corpus(Vocabulary vocabulary, Text training, Text validation) {
  private static final int SHORTEST = 20;

  /// Reads files, of which the last tenth validates.
  public static Corpus read(Unit unit, List<Path> files) {
    Objects.requireNonNull(unit, "unit: expected CHAR, WORD or BYTE, got null");
    return read(files, CorpusOptions.of(unit));
  }

  /// Reads files, of which the last tenth validates; of lines a tenth that is drawn.
  public static Corpus read(List<Path> files, CorpusOptions options) {
    Objects.requireNonNull(options, "options: expected them, got null");
    Draft draft = DraftReader.ofFiles(options.unit(), options.form(), files, Heap.OF_PROCESS);
    if (options.form() == TextForm.STREAM) {
      return split(options, draft);
    }
    Draft[] parts = LineDraw.of(draft, options.unit(), options.seed());
    Vocabulary vocabulary = vocabulary(options, parts[0], parts[0].count());
    return new Corpus(
        vocabulary,
        parts[0].text(vocabulary, Heap.OF_PROCESS),
        parts[1].text(vocabulary, Heap.OF_PROCESS));
  }

  private static Vocabulary vocabulary(CorpusOptions options, Draft draft, int length) {
    return options
        .known()
        .orElseGet(() -> draft.vocabulary(options.unit(), options.limits(), length));
  }

  /// Reads files for training and others for validation.
  public static Corpus read(Unit unit, List<Path> training, List<Path> validation) {
    Objects.requireNonNull(unit, "unit: expected CHAR, WORD or BYTE, got null");
    return read(training, validation, CorpusOptions.of(unit));
  }

  /// The same as the options say.
  public static Corpus read(List<Path> training, List<Path> validation, CorpusOptions options) {
    Objects.requireNonNull(options, "options: expected them, got null");
    Objects.requireNonNull(training, "training: expected files, got null");
    Objects.requireNonNull(validation, "validation: expected files, got null");
    expectSome("training", training);
    expectSome("validation", validation);
    Draft draft = DraftReader.ofFiles(options.unit(), options.form(), training, Heap.OF_PROCESS);
    Vocabulary vocabulary = vocabulary(options, draft, draft.count());
    return new Corpus(
        vocabulary,
        draft.text(vocabulary, Heap.OF_PROCESS),
        Text.read(vocabulary, options.form(), validation));
  }

  private static void expectSome(String name, List<Path> files) {
    if (files.isEmpty()) {
      throw new Refusal(name, "at least one file", "none");
    }
  }

  /// Takes `text` as the content of a file, of which the last tenth validates.
  public static Corpus of(Unit unit, String name, String text) {
    Objects.requireNonNull(unit, "unit: expected CHAR, WORD or BYTE, got null");
    return split(CorpusOptions.of(unit), DraftReader.ofString(unit, name, text, Cutter::endFile));
  }

  private static Corpus split(CorpusOptions options, Draft draft) {
    int count = draft.count();
    if (count < SHORTEST) {
      throw new DataException(
          "%s: expected at least %d tokens, the last tenth for validation, got %d"
              .formatted(draft.name(), SHORTEST, count));
    }
    int border = count - count / 10;
    Vocabulary vocabulary = vocabulary(options, draft, border);
    return new Corpus(
        vocabulary,
        draft.part(" (first nine tenths)", vocabulary, 0, border, Heap.OF_PROCESS),
        draft.part(" (last tenth)", vocabulary, border, count, Heap.OF_PROCESS));
  }
}
