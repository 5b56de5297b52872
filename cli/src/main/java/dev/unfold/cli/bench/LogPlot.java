package dev.unfold.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// A plot of lines over two logarithmic axes, as SVG that needs nothing else and is legible on light and dark pages.
final class LogPlot {
  private static final int WIDTH = 600;
  private static final int HEIGHT = 360;
  private static final int LEFT = 84;
  private static final int RIGHT = 170;
  private static final int TOP = 36;
  private static final int BOTTOM = 48;
  private static final List<String> COLORS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

  private final String title;
  private final String abscissa;
  private final String ordinate;
  private final List<Line> lines = new ArrayList<>();

  private record Line(String name, List<double[]> points) {}

  LogPlot(String title, String abscissa, String ordinate) {
    this.title = title;
    this.abscissa = abscissa;
    this.ordinate = ordinate;
  }

  /// Adds a line through points whose coordinates are above 0.
  LogPlot line(String name, List<double[]> points) {
    lines.add(new Line(name, List.copyOf(points)));
    return this;
  }

  /// The plot, `y` pixels below the top of the picture.
  private String group(int y) {
    double[] xs = range(0);
    double[] ys = range(1);
    StringBuilder svg = new StringBuilder();
    svg.append("<g transform=\"translate(0,%d)\">%n".formatted(y));
    svg.append(
        "<text class=\"axis\" x=\"%d\" y=\"20\" font-weight=\"bold\">%s</text>%n"
            .formatted(LEFT, escape(title)));
    for (double decade = xs[0]; decade <= xs[1]; decade++) {
      double x = x(Math.pow(10, decade), xs);
      svg.append("<path d=\"M%.1f %d V%d\" class=\"grid\"/>%n".formatted(x, TOP, HEIGHT - BOTTOM));
      svg.append(
          "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n"
              .formatted(x, HEIGHT - BOTTOM + 18, number(decade)));
    }
    for (double decade = ys[0]; decade <= ys[1]; decade++) {
      double place = y(Math.pow(10, decade), ys);
      svg.append(
          "<path d=\"M%d %.1f H%d\" class=\"grid\"/>%n".formatted(LEFT, place, WIDTH - RIGHT));
      svg.append(
          "<text class=\"axis\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n"
              .formatted(LEFT - 6, place + 4, number(decade)));
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

  /// The decades that the values lie between.
  private double[] range(int axis) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (double[] point : line.points) {
        least = Math.min(least, Math.log10(point[axis]));
        most = Math.max(most, Math.log10(point[axis]));
      }
    }
    double floor = Math.floor(least + 1e-9);
    return new double[] {floor, Math.max(floor + 1, Math.ceil(most - 1e-9))};
  }

  private static double x(double value, double... decades) {
    double share = (Math.log10(value) - decades[0]) / (decades[1] - decades[0]);
    return LEFT + share * (WIDTH - RIGHT - LEFT);
  }

  private static double y(double value, double... decades) {
    double share = (Math.log10(value) - decades[0]) / (decades[1] - decades[0]);
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private static String number(double decade) {
    return decade >= -3 && decade <= 6
        ? "%,.0f".formatted(Math.pow(10, decade)).equals("0")
            ? Double.toString(Math.pow(10, decade))
            : "%,.0f".formatted(Math.pow(10, decade))
        : "1e%d".formatted((int) decade);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// The plots of `plots` below each other, as a file.
  static String svg(List<LogPlot> plots) {
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
