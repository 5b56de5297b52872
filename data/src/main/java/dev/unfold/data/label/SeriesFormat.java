package dev.unfold.data.label;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `.ts`, the form of the UEA and UCR archives: series of numbers in one channel or several, each with a class. Lines
/// of `@` say how it is written, in any order and case; after `@data` each line is a series, its channels with `:`
/// between them, its numbers with `,`, and its class last. Lines with `#` are comments. A number that is missing is `?`
/// or `NaN`. With time stamps a number is `(time,number)`; then channels may have values at times of their own.
///
/// **Source**: the description of the format by the aeon toolkit.
public record SeriesFormat() implements LabelFormat {
  static final String NAME = "series";

  @Override
  public LabelledData read(List<TableFile> files, TableOptions options, Labels labels) {
    List<LabelledSequence> sequences = new ArrayList<>();
    int channels = 0;
    String first = "";
    for (TableFile file : files) {
      SeriesLines lines = new SeriesLines(labels, sequences);
      Lines.read(file, options.encoding(), lines::take);
      lines.end(file.name());
      if (channels > 0 && lines.channels() != channels) {
        throw new DataException(
            "%s: expected %d channels as in %s, got %d"
                .formatted(file.name(), channels, first, lines.channels()));
      }
      channels = lines.channels();
      first = file.name();
    }
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= channels; i++) {
      names.add(Integer.toString(i));
    }
    return LabelFormat.data(names, List.of(), sequences, TableFile.sources(files), this);
  }

  /// Whether a file is of this form, by its first line.
  public static boolean fits(TableFile file, TableOptions options) {
    return Lines.first(file, options.encoding())
        .filter(line -> line.text().strip().startsWith("@"))
        .isPresent();
  }

  @Override
  public Map<String, String> described() {
    return LabelFormat.described(NAME);
  }

  /// A value that is told in a message.
  static String column(int channel, int value) {
    return "%d of channel %d".formatted(value + 1, channel + 1);
  }

  static DataException refusal(Place place, int channel, int value, String expected, String got) {
    return place.refusal(column(channel, value), expected, got);
  }
}
