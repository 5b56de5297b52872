package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.label.Lines.Line;
import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A file of words with a vector each, learned elsewhere from much text: a word a line, then its d numbers, with a
/// blank between them, as GloVe, word2vec and fastText write them as text; a first line of two whole numbers says how
/// many words there are, and d.
///
/// A word that stands there twice has its first vector. A word with blanks in it is what stands before the last d
/// numbers.
///
/// **Memory**: 4 d bytes for each word that is kept.
///
/// **Threads**: any number.
public final class WordVectors {
  /// Wider ones are a slip.
  private static final int WIDEST = 1 << 14;

  private final Source source;
  private final Map<String, float[]> vectors;
  private final int width;

  private WordVectors(Source source, Map<String, float[]> vectors, int width) {
    this.source = source;
    this.vectors = Collections.unmodifiableMap(vectors);
    this.width = width;
  }

  /// A file of vectors that is still to be read.
  ///
  /// @param file it
  /// @param encoding of its characters
  /// @param first words from its beginning that are kept, whether they are asked for or not; such files begin with the
  ///     most frequent words
  public record File(TableFile file, Charset encoding, int first) {
    /// Checks the number.
    public File {
      Expect.given("file", file);
      Expect.given("encoding", encoding);
      if (first < 0) {
        throw new Refusal("vector-words", "0 or more", first);
      }
    }

    /// One in UTF-8, whose first 100,000 words are kept.
    public static File of(Path path) {
      return new File(TableFile.of(path), StandardCharsets.UTF_8, 100_000);
    }

    /// Reads it.
    ///
    /// @param isWanted which of the later words are kept
    ///
    /// **Errors**: [DataException] that names the first line that is no word with d finite numbers; of words that are
    /// not kept the numbers are only counted.
    public WordVectors read(Predicate<String> isWanted) {
      Reader reader = new Reader(first, isWanted);
      Lines.read(file, encoding, reader::take);
      if (reader.said >= 0 && reader.words != reader.said) {
        throw new DataException(
            "%s: expected %,d words, as its first line says, got %,d"
                .formatted(file.name(), reader.said, reader.words));
      }
      if (reader.vectors.isEmpty()) {
        throw new DataException(file.name() + ": expected words with vectors, got none");
      }
      return new WordVectors(file.source(), reader.vectors, reader.width);
    }
  }

  private static final class Reader {
    private final int first;
    private final Predicate<String> isWanted;
    private final Map<String, float[]> vectors = new LinkedHashMap<>();

    /// 0 before the first word.
    private int width;

    private long words;

    /// How many words the first line says there are; -1 if it does not.
    private long said = -1;

    Reader(int first, Predicate<String> isWanted) {
      this.first = first;
      this.isWanted = isWanted;
    }

    void take(Line line) {
      String text = line.text().strip();
      if (text.isEmpty()) {
        return;
      }
      boolean isHeader = line.place().line() == 1 && text.matches("[0-9]{1,18} [0-9]{1,18}");
      if (isHeader) {
        said = Long.parseLong(text.substring(0, text.indexOf(' ')));
      }
      if (width == 0) {
        width =
            isHeader
                ? (int) Math.min(WIDEST + 1, Long.parseLong(text.substring(text.indexOf(' ') + 1)))
                : (int) text.chars().filter(c -> c == ' ').count();
        if (width < 1 || width > WIDEST) {
          throw line.place().refusal("a word and 1 to %d numbers".formatted(WIDEST), shown(text));
        }
      }
      if (isHeader) {
        return;
      }
      int end = text.length();
      for (int i = 0; i < width && end > 0; i++) {
        end = text.lastIndexOf(' ', end - 1);
      }
      if (end <= 0) {
        throw line.place()
            .refusal("a word and %d numbers, as before".formatted(width), shown(text));
      }
      String word = text.substring(0, end);
      boolean isKept = words < first || isWanted.test(word);
      words++;
      if (isKept && !vectors.containsKey(word)) {
        vectors.put(word, numbers(line.place(), text, end + 1));
      }
    }

    private float[] numbers(Place place, String text, int from) {
      float[] numbers = new float[width];
      int start = from;
      for (int i = 0; i < width; i++) {
        int end = i == width - 1 ? text.length() : text.indexOf(' ', start);
        String number = text.substring(start, end);
        try {
          numbers[i] = Float.parseFloat(number);
        } catch (NumberFormatException _) {
          numbers[i] = Float.NaN;
        }
        if (!Float.isFinite(numbers[i])) {
          throw place.refusal("a finite number", shown(number));
        }
        start = end + 1;
      }
      return numbers;
    }

    private static String shown(String text) {
      return Place.shown(text.isEmpty() ? "nothing" : text);
    }
  }

  /// Where they are from.
  public Source source() {
    return source;
  }

  /// d
  public int width() {
    return width;
  }

  /// Those that were kept, in the order of the file.
  public List<String> words() {
    return new ArrayList<>(vectors.keySet());
  }

  /// The vector of a word, or else that of its lower case.
  public Optional<float[]> of(String word) {
    float[] own = vectors.get(Expect.given("word", word));
    return Optional.ofNullable(own != null ? own : vectors.get(word.toLowerCase(Locale.ROOT)));
  }
}
