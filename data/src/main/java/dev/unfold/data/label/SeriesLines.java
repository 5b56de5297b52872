package dev.unfold.data.label;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The lines of a `.ts` file.
final class SeriesLines {
  /// The most numbers of a series, all channels together.
  private static final int MOST = 1 << 26;

  private final LabelFormat.Labels labels;
  private final List<LabelledSequence> sequences;
  private final Map<String, String> said = new HashMap<>();
  private Set<String> classes = Set.of();
  private boolean hasClass;
  private boolean hasTimes;
  private boolean isInData;
  private int channels;

  SeriesLines(LabelFormat.Labels labels, List<LabelledSequence> sequences) {
    this.labels = labels;
    this.sequences = sequences;
  }

  /// How many there are; 0 before the first series.
  int channels() {
    return channels;
  }

  void take(Lines.Line line) {
    String text = line.text().strip();
    if (text.isEmpty() || text.startsWith("#")) {
      return;
    }
    if (isInData) {
      sequences.add(series(line.place(), text));
    } else if (text.startsWith("@")) {
      say(line.place(), text);
    } else {
      throw line.place().refusal("lines with @ before @data", Place.shown(text));
    }
  }

  void end(String file) {
    if (!isInData) {
      throw new DataException(file + ": expected a line @data, got none");
    }
    if (channels == 0) {
      throw new DataException(file + ": expected series after @data, got none");
    }
  }

  private void say(Place place, String text) {
    String[] words = text.split("\\s+", 2);
    String name = words[0].substring(1).toLowerCase(Locale.ROOT);
    String value = words.length == 1 ? "" : words[1].strip();
    if (name.equals("data")) {
      begin(place);
    } else if (said.put(name, value) != null) {
      throw place.refusal("@" + name + " once", "another");
    }
  }

  private void begin(Place place) {
    isInData = true;
    hasTimes = isTrue(place, "timestamps");
    String[] all = said.getOrDefault("classlabel", "false").split("\\s+", -1);
    hasClass = isTrue(place, "classlabel", all[0]);
    classes = new LinkedHashSet<>(Arrays.asList(all).subList(1, all.length));
    if (isTrue(place, "targetlabel")) {
      throw place.refusal("@classLabel, since classes are learnt here", "@targetLabel");
    }
    if (!hasClass && labels == LabelFormat.Labels.REQUIRED) {
      throw place.refusal("@classLabel true and the classes", "no classes");
    }
    if (said.containsKey("univariate") && isTrue(place, "univariate")) {
      channels(place, 1);
    }
    String dimensions = said.getOrDefault("dimensions", said.get("dimension"));
    if (dimensions != null) {
      if (!dimensions.matches("[1-9][0-9]{0,7}")) {
        throw place.refusal("a number of @dimensions", Place.shown(dimensions));
      }
      channels(place, Integer.parseInt(dimensions));
    }
  }

  private boolean isTrue(Place place, String name) {
    return isTrue(place, name, said.getOrDefault(name, "false").split("\\s+", -1)[0]);
  }

  private static boolean isTrue(Place place, String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw place.refusal("@" + name + " true or false", Place.shown(value));
    };
  }

  private void channels(Place place, int count) {
    if (channels > 0 && count != channels) {
      throw place.refusal("%d channels".formatted(channels), Integer.toString(count));
    }
    channels = count;
  }

  private LabelledSequence series(Place place, String text) {
    List<String> parts = parts(text);
    String label = "";
    if (hasClass) {
      label = parts.removeLast().strip();
      if (!classes.isEmpty() && !classes.contains(label)) {
        throw place.refusal(
            "a class of " + Place.shown(String.join(" ", classes)) + " last", Place.shown(label));
      }
      LabelFormat.label(place, label);
    }
    if (parts.isEmpty()) {
      throw place.refusal("channels before the class", "none");
    }
    channels(place, parts.size());
    double[] numbers = hasTimes ? stamped(place, parts) : plain(place, parts);
    return new LabelledSequence(
        place,
        numbers.length / channels,
        numbers,
        List.of(),
        hasClass ? List.of(label) : List.of());
  }

  /// What stands between colons; those within the brackets of a time stamp are its own.
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ':' && depth == 0) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  private double[] plain(Place place, List<String> parts) {
    int steps = 0;
    double[] numbers = new double[0];
    for (int c = 0; c < parts.size(); c++) {
      String[] values = parts.get(c).split(",", -1);
      if (c == 0) {
        steps = values.length;
        numbers = new double[size(place, steps)];
      }
      if (values.length != steps) {
        throw place.refusal(
            "%d numbers in channel %d as in the first".formatted(steps, c + 1),
            Integer.toString(values.length));
      }
      for (int t = 0; t < steps; t++) {
        numbers[t * channels + c] = number(place, c, t, values[t].strip());
      }
    }
    return numbers;
  }

  private int size(Place place, int steps) {
    if ((long) steps * channels > MOST) {
      throw place.refusal(
          "at most %,d numbers in a series".formatted(MOST),
          "%,d steps of %,d channels".formatted(steps, channels));
    }
    return steps * channels;
  }

  private static double number(Place place, int channel, int value, String text) {
    if (text.equals("?") || text.equalsIgnoreCase("nan")) {
      return Double.NaN;
    }
    double number;
    try {
      // Double.parseDouble reads 1d and 0x1p3, too.
      number = text.matches("[-+0-9.eE]+") ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException _) {
      number = Double.NaN;
    }
    if (!Double.isFinite(number)) {
      throw SeriesFormat.refusal(
          place, channel, value, "a finite number, or ? for none", Place.shown(text));
    }
    return number;
  }

  /// A step for each time at which a channel has a value.
  private double[] stamped(Place place, List<String> parts) {
    TreeMap<Time, double[]> steps = new TreeMap<>();
    for (int c = 0; c < parts.size(); c++) {
      int value = 0;
      for (String pair : pairs(place, c, parts.get(c))) {
        int comma = pair.lastIndexOf(',');
        Time time = Time.of(pair.substring(0, comma).strip());
        double[] step = steps.get(time);
        if (step == null) {
          size(place, steps.size() + 1);
          step = new double[channels];
          Arrays.fill(step, Double.NaN);
          steps.put(time, step);
        }
        step[c] = number(place, c, value++, pair.substring(comma + 1).strip());
      }
    }
    double[] numbers = new double[size(place, steps.size())];
    int t = 0;
    for (double[] step : steps.values()) {
      System.arraycopy(step, 0, numbers, t, channels);
      t += channels;
    }
    return numbers;
  }

  private static List<String> pairs(Place place, int channel, String text) {
    List<String> pairs = new ArrayList<>();
    String rest = text.strip();
    int from = 0;
    while (from < rest.length()) {
      int end = rest.indexOf(')', from);
      boolean isPair = rest.charAt(from) == '(' && end > 0 && rest.lastIndexOf(',', end) > from;
      if (!isPair) {
        throw SeriesFormat.refusal(
            place, channel, pairs.size(), "(time,number)", Place.shown(rest.substring(from)));
      }
      pairs.add(rest.substring(from + 1, end));
      from = end + 1;
      while (from < rest.length() && (rest.charAt(from) == ',' || rest.charAt(from) == ' ')) {
        from++;
      }
    }
    if (pairs.isEmpty()) {
      throw SeriesFormat.refusal(place, channel, 0, "(time,number)", "nothing");
    }
    return pairs;
  }

  /// Numbers in their order; texts, such as dates from the year on, in that of their characters.
  private record Time(double number, String text) implements Comparable<Time> {
    static Time of(String text) {
      try {
        return new Time(Double.parseDouble(text), "");
      } catch (NumberFormatException _) {
        return new Time(0, text);
      }
    }

    @Override
    public int compareTo(Time other) {
      int order = Double.compare(number, other.number);
      return order != 0 ? order : text.compareTo(other.text);
    }
  }
}
