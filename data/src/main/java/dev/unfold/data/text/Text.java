package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Heap;
import dev.unfold.data.source.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A text as tokens of a [Vocabulary].
///
/// **Memory**: 4 bytes a token; the array is the text's own, not a copy, and must not be changed.
///
/// @param name what messages call it: its file, and which part
/// @param tokens the tokens in their order
/// @param replaced which tokens of the text the vocabulary lacks
/// @param sources the files it came from, whole files even if this is a part
public record Text(String name, int[] tokens, Replaced replaced, List<Source> sources) {
  /// A text with its own list of sources.
  public Text {
    Objects.requireNonNull(name, "name: expected what messages call it, got null");
    Objects.requireNonNull(tokens, "tokens: expected an array, got null");
    Objects.requireNonNull(replaced, "replaced: expected Replaced.NONE for none, got null");
    Objects.requireNonNull(sources, "sources: expected a list, got null");
    sources = List.copyOf(sources);
  }

  /// Reads files, one after the other, as one text.
  ///
  /// **Errors**: [DataException] as for [Corpus#read(Unit, List)].
  public static Text read(Vocabulary vocabulary, List<Path> files) {
    return read(vocabulary, TextForm.STREAM, files);
  }

  /// The same as sequences of a form.
  ///
  /// **Errors**: as above; [DataException] also for lines whose end the vocabulary lacks.
  public static Text read(Vocabulary vocabulary, TextForm form, List<Path> files) {
    Objects.requireNonNull(vocabulary, "vocabulary: expected one, got null");
    Objects.requireNonNull(form, "form: expected STREAM or LINES, got null");
    if (form == TextForm.LINES && vocabulary.endOfLine().isEmpty()) {
      throw new DataException("vocabulary: expected one with the end of a line, got none");
    }
    return DraftReader.ofFiles(vocabulary.unit(), form, files, Heap.OF_PROCESS)
        .text(vocabulary, Heap.OF_PROCESS);
  }

  /// Takes `text` as the content of a file.
  public static Text of(Vocabulary vocabulary, String name, String text) {
    Objects.requireNonNull(vocabulary, "vocabulary: expected one, got null");
    return DraftReader.ofString(vocabulary.unit(), name, text, Cutter::endFile)
        .text(vocabulary, Heap.OF_PROCESS);
  }

  /// How many tokens there are.
  public int length() {
    return tokens.length;
  }

  /// Its lines, each with the end of a line before it and behind it: what a network reads first and what it is to
  /// predict last.
  ///
  /// @param end the token that ends a line
  public List<int[]> lines(int end) {
    List<int[]> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == end || i == tokens.length - 1) {
        int count = tokens[i] == end ? i - from : i - from + 1;
        int[] line = new int[count + 2];
        line[0] = end;
        System.arraycopy(tokens, from, line, 1, count);
        line[count + 1] = end;
        lines.add(line);
        from = i + 1;
      }
    }
    return lines;
  }

  /// This text, if it has a window of `steps` tokens and, for each, the one after it to predict.
  ///
  /// **Errors**: [DataException] if it is shorter.
  public Text requireWindow(int steps) {
    if (steps < 1) {
      throw new Refusal("steps", "T of 1 or more", steps);
    }
    if (tokens.length - 1 < steps) {
      throw new DataException(
          "%s: expected at least T+1=%d tokens for windows of T=%d steps, got %d"
              .formatted(name, steps + 1L, steps, tokens.length));
    }
    return this;
  }
}
