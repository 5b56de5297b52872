package dev.unfold.serve.forecast;

import dev.unfold.run.output.Json;
import dev.unfold.run.series.Forecast;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Forecasts in the shape of the contract: of one target a number a step, of several a list a step.
final class ForecastAnswer {
  private static final String COMPLETED = "completed";

  private ForecastAnswer() {}

  /// The answer to a request.
  ///
  /// @param id tells the answer from others
  /// @param seconds since 1970
  /// @param model its name
  /// @param version that of the model
  /// @param forecasts for each series in turn, each of its targets
  static Map<String, Object> of(
      ForecastRequest request,
      List<Forecast> forecasts,
      String id,
      long seconds,
      String model,
      String version) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", id);
    answer.put("created_at", seconds);
    answer.put("status", COMPLETED);
    answer.put("error", null);
    answer.put("model", model);
    answer.put("model_version", version);
    List<Map<String, Object>> outputs = new ArrayList<>();
    int targets = forecasts.size() / request.inputs().size();
    for (int i = 0; i < request.inputs().size(); i++) {
      Map<String, Object> output = new LinkedHashMap<>();
      output.put("type", "time_series_forecast");
      output.put("id", id + "-" + i);
      output.put("status", COMPLETED);
      output.put(
          "content",
          List.of(
              content(
                  request,
                  request.inputs().get(i),
                  forecasts.subList(i * targets, (i + 1) * targets))));
      output.put("error", null);
      outputs.add(output);
    }
    answer.put("outputs", outputs);
    return answer;
  }

  private static Map<String, Object> content(
      ForecastRequest request, SeriesInput input, List<Forecast> targets) {
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("type", input.type());
    content.put("name", input.name());
    content.put(
        "mean_forecast", values(input, targets, request.horizon(), target -> target.means()));
    content.put("frequency", input.frequency());
    content.put("start_timestamp", input.time(targets.getFirst().origin()));
    Map<String, Object> quantiles = new LinkedHashMap<>();
    for (double level : request.levels()) {
      quantiles.put(
          Double.toString(level),
          values(input, targets, request.horizon(), target -> quantile(target, level)));
    }
    content.put("quantiles", quantiles);
    return content;
  }

  private interface Steps {
    double[] of(Forecast target);
  }

  private static double[] quantile(Forecast target, double level) {
    int at = target.levels().indexOf(level);
    double[] all = new double[target.quantiles().length];
    for (int h = 0; h < all.length; h++) {
      all[h] = target.quantiles()[h][at];
    }
    return all;
  }

  private static List<?> values(
      SeriesInput input, List<Forecast> targets, int horizon, Steps steps) {
    List<double[]> all = targets.stream().map(steps::of).toList();
    IntFunction<Object> value =
        input.isMultivariate() ? h -> numbers(all, h) : h -> Json.finite(all.getFirst()[h]);
    List<Object> values = new ArrayList<>();
    for (int h = 0; h < horizon; h++) {
      values.add(value.apply(h));
    }
    return values;
  }

  private static List<Double> numbers(List<double[]> targets, int h) {
    List<Double> numbers = new ArrayList<>();
    targets.forEach(target -> numbers.add(Json.finite(target[h])));
    return numbers;
  }
}
