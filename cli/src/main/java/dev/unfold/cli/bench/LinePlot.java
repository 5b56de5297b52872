package dev.unfold.cli.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/// A plot of lines, as SVG that needs nothing else and is legible on light and dark pages.
final class LinePlot {
  private static final int WIDTH = 600;
  private static final int HEIGHT = 360;
  private static final int LEFT = 84;
  private static final int RIGHT = 170;
  private static final int TOP = 36;
  private static final int BOTTOM = 48;
  private static final int MOST_TICKS = 6;
  private static final List<String> COLORS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8b6fc0", "#7a7a00",
          "#777777");

  /// How numbers become places on an axis.
  enum Scale {
    /// By their differences.
    LINEAR,
    /// By their ratios: all are above 0.
    LOGARITHMIC;

    private double place(double value) {
      return this == LINEAR ? value : Math.log10(value);
    }

    /// Where the axis is marked, ascending: the first and the last are its ends.
    private double[] ticks(double least, double most) {
      if (this == LOGARITHMIC) {
        double floor = Math.floor(Math.log10(least) + 1e-9);
        double ceiling = Math.max(floor + 1, Math.ceil(Math.log10(most) - 1e-9));
        return DoubleStream.iterate(floor, decade -> decade <= ceiling, decade -> decade + 1)
            .map(decade -> Math.pow(10, decade))
            .toArray();
      }
      double from = Math.min(0, least);
      double wide = Math.max(most - from, Double.MIN_NORMAL) / MOST_TICKS;
      double power = Math.pow(10, Math.ceil(Math.log10(wide)));
      double step = power / 5 >= wide ? power / 5 : power / 2 >= wide ? power / 2 : power;
      double first = Math.floor(from / step);
      double last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
      return DoubleStream.iterate(first, i -> i <= last, i -> i + 1).map(i -> i * step).toArray();
    }
  }

  private final String title;
  private final String abscissa;
  private final String ordinate;
  private final Scale scale;
  private final List<Line> lines = new ArrayList<>();

  private record Line(String name, List<double[]> points) {}

  /// @param scale of both axes
  LinePlot(String title, String abscissa, String ordinate, Scale scale) {
    this.title = title;
    this.abscissa = abscissa;
    this.ordinate = ordinate;
    this.scale = scale;
  }

  /// Adds a line through points.
  LinePlot line(String name, List<double[]> points) {
    lines.add(new Line(name, List.copyOf(points)));
    return this;
  }

  /// The plot, `y` pixels below the top of the picture.
  private String group(int y) {
    double[] xs = ticks(0);
    double[] ys = ticks(1);
    StringBuilder svg = new StringBuilder();
    svg.append("<g transform=\"translate(0,%d)\">%n".formatted(y));
    svg.append(
        "<text class=\"axis\" x=\"%d\" y=\"20\" font-weight=\"bold\">%s</text>%n"
            .formatted(LEFT, escape(title)));
    for (double tick : xs) {
      double x = x(tick, xs);
      svg.append("<path d=\"M%.1f %d V%d\" class=\"grid\"/>%n".formatted(x, TOP, HEIGHT - BOTTOM));
      svg.append(
          "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n"
              .formatted(x, HEIGHT - BOTTOM + 18, number(tick)));
    }
    for (double tick : ys) {
      double place = y(tick, ys);
      svg.append(
          "<path d=\"M%d %.1f H%d\" class=\"grid\"/>%n".formatted(LEFT, place, WIDTH - RIGHT));
      svg.append(
          "<text class=\"axis\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n"
              .formatted(LEFT - 6, place + 4, number(tick)));
    }
    svg.append(
        "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n"
            .formatted((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, escape(abscissa)));
    svg.append(
        "<text class=\"axis\" transform=\"translate(16,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n"
            .formatted((TOP + HEIGHT - BOTTOM) / 2, escape(ordinate)));
    addLines(svg, xs, ys);
    return svg.append("</g>\n").toString();
  }

  private void addLines(StringBuilder svg, double[] xs, double[] ys) {
    double lastLabel = Double.NEGATIVE_INFINITY;
    List<Line> fromTop =
        lines.stream()
            .sorted((a, b) -> Double.compare(b.points.getLast()[1], a.points.getLast()[1]))
            .toList();
    for (Line line : fromTop) {
      String color = COLORS.get(lines.indexOf(line) % COLORS.size());
      StringBuilder path = new StringBuilder();
      for (double[] point : line.points) {
        path.append(
            "%s%.1f %.1f".formatted(path.isEmpty() ? "M" : " L", x(point[0], xs), y(point[1], ys)));
        svg.append(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n"
                .formatted(x(point[0], xs), y(point[1], ys), color));
      }
      svg.append("<path d=\"%s\" stroke=\"%s\" class=\"line\"/>%n".formatted(path, color));
      double end = y(line.points.getLast()[1], ys) + 4;
      lastLabel = Math.max(end, lastLabel + 15);
      svg.append(
          "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>%n"
              .formatted(x(line.points.getLast()[0], xs) + 8, lastLabel, color, escape(line.name)));
    }
  }

  /// Where an axis is marked.
  private double[] ticks(int axis) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (double[] point : line.points) {
        least = Math.min(least, point[axis]);
        most = Math.max(most, point[axis]);
      }
    }
    return scale.ticks(least, most);
  }

  private double share(double value, double... ticks) {
    double from = scale.place(ticks[0]);
    return (scale.place(value) - from) / (scale.place(ticks[ticks.length - 1]) - from);
  }

  private double x(double value, double... ticks) {
    return LEFT + share(value, ticks) * (WIDTH - RIGHT - LEFT);
  }

  private double y(double value, double... ticks) {
    return HEIGHT - BOTTOM - share(value, ticks) * (HEIGHT - BOTTOM - TOP);
  }

  private static String number(double tick) {
    double size = Math.abs(tick);
    if (size != 0 && (size < 1e-3 * 0.999 || size > 1e5 * 1.001)) {
      return "%.0e".formatted(tick).replace("e-0", "e-").replace("e+0", "e");
    }
    BigDecimal rounded = new BigDecimal(tick).round(new MathContext(6)).stripTrailingZeros();
    return size >= 1 && rounded.scale() <= 0 ? "%,.0f".formatted(tick) : rounded.toPlainString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// The plots of `plots` below each other, as a file.
  static String svg(List<LinePlot> plots) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n"
            .formatted(WIDTH, HEIGHT * plots.size()));
    svg.append("<style>.axis{fill:#777}.grid{stroke:#8884;fill:none}")
        .append(".line{fill:none;stroke-width:2}</style>\n");
    for (int i = 0; i < plots.size(); i++) {
      svg.append(plots.get(i).group(i * HEIGHT));
    }
    return svg.append("</svg>\n").toString();
  }
}
