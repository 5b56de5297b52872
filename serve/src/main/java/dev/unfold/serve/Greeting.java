package dev.unfold.serve;

import dev.unfold.model.Encoder;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is said at the start: where to look, and what to type.
final class Greeting {
  private Greeting() {}

  static String of(Listening where, int port, Models models) {
    String host = where.host().contains(":") ? "[" + where.host() + "]" : where.host();
    String url = (where.tls().isPresent() ? "https://" : "http://") + host + ":" + port;
    String names =
        models.all().stream().map(ServedModel::name).collect(Collectors.joining(", "));
    String key = where.keys().isPresent() ? " -H \"Authorization: Bearer $KEY\"" : "";
    return "unfold: %s serves %s; try: curl%s %s".formatted(url, names, key, request(url, key, models));
  }

  private static String request(String url, String key, Models models) {
    ServedModel model = models.all().getFirst();
    ModelVersion version = model.version();
    String name = models.all().size() > 1 ? "\"model\":\"" + model.name() + "\"," : "";
    if (model.text(version).isPresent()) {
      return "%s/v1/completions -d '{%s\"prompt\":\"The \",\"max_tokens\":100}'"
          .formatted(url, name);
    }
    if (model.sessions().isEmpty()) {
      return url + "/v1/models/" + model.name();
    }
    return "%s/v1/sessions -d '{%s\"id\":\"a\"}' && curl%s %s/v1/sessions/a/step -d '{%s}'"
        .formatted(url, name, key, url, row(version.network().spec().encoder()));
  }

  private static String row(Encoder encoder) {
    if (encoder instanceof Encoder.Embedding) {
      return "\"tokens\":[0]";
    }
    int count =
        encoder instanceof Encoder.Columns columns
            ? columns.numbers() + columns.categories().size()
            : encoder.width();
    return "\"rows\":[["
        + Stream.generate(() -> "0").limit(count).collect(Collectors.joining(","))
        + "]]";
  }
}
