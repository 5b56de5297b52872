package dev.unfold.run.inspect;

import dev.unfold.flow.Saturation;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The error flow in a terminal: maps in block characters.
public final class InspectionText {
  private static final int COLUMNS = 64;
  private static final int ROWS = 16;
  private static final String SHADES = " .:-=+*#%@";
  private static final String BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

  /// Orders of magnitude from the darkest shade to none.
  private static final double DECADES = 8;

  private final PrintWriter out;

  public InspectionText(PrintWriter out) {
    this.out = out;
  }

  public void print(Inspection inspection, boolean withAdvice) {
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
    rules(inspection);
    rounds(inspection);
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
    Inspection.Cuts reach = inspection.reach();
    if (reach != null) {
      int columns = Math.min(COLUMNS, inspection.steps());
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        int k = (int) ((double) c * inspection.steps() / columns);
        Double error = reach.errors().get(k);
        double height = error == null ? 1 : Math.clamp(error, 0, 1);
        line.append(BARS.charAt((int) Math.round(height * (BARS.length() - 1))));
      }
      out.printf(
          "%nreach     relative error of the gradient cut at lag k, k = 0 to %d; mean of %s of"
              + " %s%n",
          inspection.steps() - 1, batches(reach), Wording.count(reach.sequences(), "sequence"));
      out.printf("  |%s|%n", line);
      out.printf(
          "  within 50 %% from lag %d on, within 10 %% from %d, within 1 %% from %d%n",
          reach.within().half(), reach.within().tenth(), reach.within().hundredth());
      ofLayers(inspection, layer -> lags(layer.reach().within()));
    }
    out.printf("%nshares    of the gradient, along it alone, from lags up to k%n");
    Inspection.Shares shares = inspection.shares();
    out.printf(
        "  50 %% up to lag %d, 90 %% up to %d, 99 %% up to %d%n",
        shares.half(), shares.most(), shares.all());
    ofLayers(
        inspection,
        layer ->
            "%d, %d, %d"
                .formatted(layer.shares().half(), layer.shares().most(), layer.shares().all()));
  }

  private static String batches(Inspection.Cuts reach) {
    return reach.batches() == 1 ? "1 batch" : reach.batches() + " batches";
  }

  private static String lags(Inspection.Within within) {
    return "%d, %d, %d".formatted(within.half(), within.tenth(), within.hundredth());
  }

  private void ofLayers(Inspection inspection, Function<Inspection.LayerFlow, String> text) {
    if (inspection.layers().size() > 1) {
      inspection
          .layers()
          .forEach(layer -> out.printf("  %s: %s%n", layer.name(), text.apply(layer)));
    }
  }

  private void truncation(Inspection inspection) {
    Inspection.Cuts reach = inspection.reach();
    out.printf(
        "%ntruncation  relative error of the gradient against the exact one, mean and 95 %%"
            + " interval over %s%n",
        batches(reach));
    out.printf(
        "  %6s  %-20s  %-20s  %s%n", "k", "cut at lag k", "windows of k steps", "their cosine");
    for (Inspection.Cut cut : inspection.truncation()) {
      int k = cut.window();
      Double by =
          reach.errorsBy() == null ? null : reach.errorsBy().get(Math.min(k, lastLag(reach)));
      out.printf(
          "  %6d  %-20s  %-20s  %s%n",
          k,
          k > lastLag(reach) ? "" : estimate(reach.errors().get(k), by),
          estimate(cut.error(), cut.errorBy()),
          estimate(cut.cosine(), cut.cosineBy()));
    }
    String within = Wording.percent(inspection.tolerance());
    out.printf(
        "  within %s: cut at lag %d or more; %s%n",
        within,
        reach.within().tolerance(),
        inspection.sufficient() == null
            ? "no windows"
            : "windows of " + Wording.count(inspection.sufficient(), "step") + " or more");
  }

  private void rules(Inspection inspection) {
    if (inspection.rules().isEmpty()) {
      return;
    }
    out.printf(
        "%nonline rules  gradients of the layers' parameters against the exact one; what of an"
            + " error passes from a step to the one before%n");
    out.printf(
        "  %-14s  %-18s  %-18s  %-10s  %s%n",
        "rule", "cosine", "relative error", "half after", "passes");
    for (RuleFlow rule : inspection.rules()) {
      if (rule.refused() != null) {
        out.printf("  %-14s  %s%n", rule.name(), rule.refused());
        continue;
      }
      String half =
          rule.layers().stream()
              .map(layer -> layer.halfLife() == null ? "-" : layer.halfLife().toString())
              .collect(Collectors.joining(", "));
      out.printf(
          "  %-14s  %-18s  %-18s  %-10s  %s%s%n",
          rule.name(),
          estimate(rule.cosine(), rule.cosineBy()),
          estimate(rule.error(), rule.errorBy()),
          half.isEmpty() ? "-" : half,
          rule.passes() == null ? "nothing" : rule.passes(),
          rule.noise() != null && rule.noise() > 0
              ? ", with noise of %.2f".formatted(rule.noise())
              : "");
    }
  }

  private void rounds(Inspection inspection) {
    out.printf(
        "%nparallel in time  rounds of Newton's method until no state changes by more than 1e-5;"
            + " %d are always enough%n",
        inspection.steps());
    inspection.rounds().forEach(layer -> out.printf("  %-12s  %s%n", layer.name(), layer.text()));
  }

  private static int lastLag(Inspection.Cuts reach) {
    return reach.errors().size() - 1;
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
  public void printGrowth(List<JsonNode> looks, boolean asJson) {
    if (asJson) {
      looks.forEach(out::println);
      out.flush();
      return;
    }
    out.println(
        "lags from which on the cut gradient is within 50, 10 and 1 percent of the exact one; gain"
            + " and half-life of each layer");
    int untold = 0;
    for (JsonNode look : looks) {
      JsonNode reach = look.path("reach");
      untold += reach.isObject() ? 0 : 1;
      StringBuilder line = new StringBuilder();
      for (JsonNode layer : look.path("layers")) {
        line.append(
            "  %s gain %.3f"
                .formatted(layer.path("name").asString(), layer.path("gain").asDouble(Double.NaN)));
        JsonNode half = layer.path("half_life");
        line.append(half.isNumber() ? ", half after " + half.asInt() : "");
      }
      int bar = Math.min(COLUMNS / 2, reach.path("tenth").asInt(0));
      out.printf(
          "update %-8d %4s %4s %4s  |%s|%s%n",
          look.path("update").asLong(),
          lag(reach, "half"),
          lag(reach, "tenth"),
          lag(reach, "hundredth"),
          "#".repeat(bar) + " ".repeat(COLUMNS / 2 - bar),
          line);
    }
    if (untold > 0) {
      out.printf(
          "of %s no lags are known: layers in both directions are not cut, and earlier versions"
              + " told shares of the gradient instead%n",
          Wording.count(untold, "look"));
    }
    double[] seconds =
        looks.stream().mapToDouble(look -> look.path("seconds").asDouble()).sorted().toArray();
    out.printf(
        "a look took %.1f ms (median of %d)%n", 1e3 * seconds[seconds.length / 2], seconds.length);
    out.flush();
  }

  private static String lag(JsonNode reach, String name) {
    JsonNode lag = reach.path(name);
    return lag.isNumber() ? Integer.toString(lag.asInt()) : "-";
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
        "  without %.4f nats, reach %d steps; with it %.4f nats, reach %d steps, from which on the"
            + " cut gradient is within %s: it %s%n",
        trial.without().nats(),
        trial.without().lag(),
        trial.with().nats(),
        trial.with().lag(),
        Wording.percent(Trial.WITHIN),
        trial.helped() ? "helped" : "did not help");
  }

  private static String estimate(Double mean, Double by) {
    return mean == null
        ? "no number"
        : by == null ? "%.4f".formatted(mean) : "%.4f +- %.4f".formatted(mean, by);
  }
}
