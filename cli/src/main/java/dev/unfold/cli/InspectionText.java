package dev.unfold.cli;

import dev.unfold.net.Saturation;
import java.io.PrintWriter;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The error flow in a terminal: maps in block characters.
final class InspectionText {
  private static final int COLUMNS = 64;
  private static final int ROWS = 16;
  private static final String SHADES = " .:-=+*#%@";
  private static final String BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

  /// Orders of magnitude from the darkest shade to none.
  private static final double DECADES = 8;

  private final PrintWriter out;

  InspectionText(PrintWriter out) {
    this.out = out;
  }

  void print(Inspection inspection, boolean withAdvice) {
    out.printf(
        "model     %s, %s, hidden %d; %d steps of %d sequences of %s%n",
        inspection.model(),
        inspection.cell(),
        inspection.hidden(),
        inspection.steps(),
        inspection.batch(),
        inspection.data());
    for (Inspection.LayerFlow layer : inspection.layers()) {
      map(inspection, layer);
    }
    reach(inspection);
    if (!inspection.truncation().isEmpty()) {
      truncation(inspection);
    }
    saturation(inspection);
    jacobians(inspection);
    if (withAdvice) {
      out.printf("%nadvice%n");
      inspection.advice().forEach(line -> out.printf("  %s%n", line));
      trial(inspection.trial());
    }
  }

  private void map(Inspection inspection, Inspection.LayerFlow layer) {
    out.printf(
        "%nerrors of %s  down: error time t, across: step t'; each mark is a factor of %.0f%n",
        layer.name(), Math.pow(10, DECADES / (SHADES.length() - 1)));
    double largest = Inspection.largest(layer.norms());
    int rows = Math.min(ROWS, layer.norms().length);
    int columns = Math.min(COLUMNS, inspection.steps());
    for (int r = 0; r < rows; r++) {
      int i = (int) ((r + 0.5) * layer.norms().length / rows);
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        int t = (int) ((c + 0.5) * inspection.steps() / columns);
        line.append(shade(layer.norms()[i][t], largest));
      }
      out.printf("  t=%-5d|%s|%n", inspection.times().get(i), line);
    }
    out.printf(
        "  gain %.3f a step back%s%n",
        layer.gain(),
        layer.halfLife() == null ? "" : ", half is left after " + layer.halfLife() + " steps");
  }

  private static char shade(double norm, double largest) {
    if (!(norm > 0)) {
      return ' ';
    }
    double decades = Math.log10(norm / largest) + DECADES;
    int shade = (int) Math.ceil(decades / DECADES * (SHADES.length() - 1));
    return SHADES.charAt(Math.clamp(shade, 0, SHADES.length() - 1));
  }

  private void reach(Inspection inspection) {
    int columns = Math.min(COLUMNS, inspection.steps());
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < columns; c++) {
      int k = (int) ((c + 1.0) * inspection.steps() / columns) - 1;
      double share = Math.clamp(inspection.reach()[k], 0, 1);
      line.append(BARS.charAt((int) Math.round(share * (BARS.length() - 1))));
    }
    Inspection.Lags lags = inspection.lags();
    out.printf(
        "%nreach     share of the gradient from lags up to k, k = 0 to %d%n",
        inspection.steps() - 1);
    out.printf("  |%s|%n", line);
    out.printf(
        "  50 %% within %d, 90 %% within %d, 99 %% within %d steps%n",
        lags.half(), lags.most(), lags.all());
    if (inspection.layers().size() > 1) {
      for (Inspection.LayerFlow layer : inspection.layers()) {
        out.printf(
            "  %s: %d, %d, %d%n",
            layer.name(), layer.lags().half(), layer.lags().most(), layer.lags().all());
      }
    }
  }

  private void truncation(Inspection inspection) {
    out.printf(
        "%ntruncation  windows of k steps against the exact gradient, mean and 95 %% interval%n");
    out.printf("  %6s  %-20s  %-20s%n", "k", "cosine", "relative error");
    List<Inspection.Cut> cuts = inspection.truncation();
    for (Inspection.Cut cut : cuts) {
      out.printf(
          "  %6d  %-20s  %-20s%n",
          cut.reach(),
          estimate(cut.cosine(), cut.cosineBy()),
          estimate(cut.error(), cut.errorBy()));
    }
    if (inspection.sufficient() == null) {
      out.printf("  none is within %.2f%n", inspection.tolerance());
    } else {
      out.printf(
          "  k = %d is the least within %.2f%n", inspection.sufficient(), inspection.tolerance());
    }
  }

  private void saturation(Inspection inspection) {
    if (inspection.saturation().isEmpty()) {
      return;
    }
    out.printf(
        "%ngates and activations  how often which value, from the least to the largest; saturated"
            + " low, high; units always so%n");
    for (Saturation values : inspection.saturation()) {
      double largest = values.shares().stream().mapToDouble(share -> share).max().orElse(1);
      StringBuilder bars = new StringBuilder();
      for (double share : values.shares()) {
        int height = (int) Math.ceil(share / largest * (BARS.length() - 1));
        bars.append(BARS.charAt(height));
      }
      out.printf(
          "  %-20s %5.3g |%s| %-5.3g %5.1f %%  %5.1f %%  %d of %d%n",
          values.layer() + " " + values.name(),
          values.from(),
          bars,
          values.until(),
          100 * values.low(),
          100 * values.high(),
          values.stuck(),
          values.units());
    }
  }

  /// How the reach grew in training, a line for each look at it.
  void printGrowth(List<JsonNode> looks, boolean asJson) {
    if (asJson) {
      looks.forEach(out::println);
      out.flush();
      return;
    }
    out.println(
        "lags that hold 50, 90 and 99 percent of the gradient; gain and half-life of each layer");
    for (JsonNode look : looks) {
      JsonNode lags = look.path("lags");
      StringBuilder line = new StringBuilder();
      for (JsonNode layer : look.path("layers")) {
        line.append(
            "  %s gain %.3f"
                .formatted(layer.path("name").asString(), layer.path("gain").asDouble(Double.NaN)));
        JsonNode half = layer.path("half_life");
        line.append(half.isNumber() ? ", half after " + half.asInt() : "");
      }
      int most = lags.path("most").asInt();
      out.printf(
          "update %-8d %4d %4d %4d  |%s|%s%n",
          look.path("update").asLong(),
          lags.path("half").asInt(),
          most,
          lags.path("all").asInt(),
          "#".repeat(Math.min(COLUMNS / 2, most))
              + " ".repeat(COLUMNS / 2 - Math.min(COLUMNS / 2, most)),
          line);
    }
    double[] seconds =
        looks.stream().mapToDouble(look -> look.path("seconds").asDouble()).sorted().toArray();
    out.printf(
        "a look took %.1f ms (median of %d)%n", 1e3 * seconds[seconds.length / 2], seconds.length);
    out.flush();
  }

  private void jacobians(Inspection inspection) {
    if (inspection.jacobians().isEmpty()) {
      return;
    }
    out.printf(
        "%nsingular values of the recurrent Jacobian at step t: largest, median, smallest%n");
    for (Inspection.Jacobian jacobian : inspection.jacobians()) {
      double[] values = jacobian.singularValues();
      StringBuilder layers = new StringBuilder();
      for (int l = 0; l < jacobian.layers().size() && jacobian.layers().size() > 1; l++) {
        double[] own = jacobian.layers().get(l);
        layers.append(
            "  l%d %.3f  %.3f  %.2e"
                .formatted(l, own[0], own[own.length / 2], own[own.length - 1]));
      }
      out.printf(
          "  t=%-5d %.3f  %.3f  %.2e%s%n",
          jacobian.step(), values[0], values[values.length / 2], values[values.length - 1], layers);
    }
  }

  private void trial(Trial trial) {
    if (trial == null) {
      return;
    }
    out.printf(
        "%ntried     %s: two new networks, %d updates each, on nine tenths of the data%n",
        trial.option(), trial.updates());
    out.printf(
        "  without %.4f nats, 90 %% within %d steps; with it %.4f nats, 90 %% within %d steps: it"
            + " %s%n",
        trial.without().nats(),
        trial.without().lag(),
        trial.with().nats(),
        trial.with().lag(),
        trial.helped() ? "helped" : "did not help");
  }

  private static String estimate(double mean, Double by) {
    return by == null ? "%.4f".formatted(mean) : "%.4f +- %.4f".formatted(mean, by);
  }
}
