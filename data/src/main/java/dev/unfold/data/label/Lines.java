package dev.unfold.data.label;

import dev.unfold.data.table.DecodedFile;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.function.Consumer;

/// Lines of files, one after the other: those of one end before those of the next begin.
final class Lines {
  /// The most characters of a line.
  private static final int LONGEST = 1 << 24;

  private static final int PIECE = 1 << 13;

  private Lines() {}

  /// A line without its end.
  record Line(Place place, String text) {
    boolean isBlank() {
      return text.isBlank();
    }
  }

  /// Gives `sink` each line of `file`.
  static void read(TableFile file, Charset encoding, Consumer<Line> sink) {
    try (DecodedFile in = new DecodedFile(file, encoding)) {
      char[] piece = new char[PIECE];
      StringBuilder line = new StringBuilder();
      long number = 1;
      boolean isAfterReturn = false;
      for (int count = in.read(piece, 0, PIECE); count >= 0; count = in.read(piece, 0, PIECE)) {
        for (int i = 0; i < count; i++) {
          char c = piece[i];
          boolean isEnd = c == '\r' || (c == '\n' && !isAfterReturn);
          if (isEnd) {
            sink.accept(new Line(new Place(file.name(), number), line.toString()));
            line.setLength(0);
            number++;
          } else if (c != '\n') {
            if (line.length() == LONGEST) {
              throw new Place(file.name(), number)
                  .refusal("a line of at most %,d characters".formatted(LONGEST), "a longer one");
            }
            line.append(c);
          }
          isAfterReturn = c == '\r';
        }
      }
      if (!line.isEmpty()) {
        sink.accept(new Line(new Place(file.name(), number), line.toString()));
      }
    } catch (IOException e) {
      throw DecodedFile.unreadable(file.name(), e);
    }
  }

  /// Thrown where a reader has seen enough.
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;

    Enough() {
      super(null, null, false, false);
    }
  }

  /// The first line that is neither blank nor begins with `#`.
  static Optional<Line> first(TableFile file, Charset encoding) {
    Line[] first = new Line[1];
    try {
      read(
          file,
          encoding,
          line -> {
            if (!line.isBlank() && !line.text().startsWith("#")) {
              first[0] = line;
              throw new Enough();
            }
          });
    } catch (Enough _) {
      return Optional.of(first[0]);
    }
    return Optional.empty();
  }
}
