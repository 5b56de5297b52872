package dev.unfold.serve;

import dev.unfold.model.Encoder;
import dev.unfold.run.session.Sessions;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.json.Fields;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Kind;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import dev.unfold.serve.predict.Reads;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Tells which models there are.
///
/// @param models that are served
record ModelsService(Models models) implements Service {
  @Override
  public void routes(Routes routes) {
    routes
        .in(Route.Dialect.OPENAI)
        .get("/v1/models", this::list)
        .get("/v1/models/{name}", this::look)
        .post("/v1/models/{name}/reload", exchange -> change(exchange, ServedModel::reload))
        .post("/v1/models/{name}/load", exchange -> change(exchange, ServedModel::load))
        .post("/v1/models/{name}/unload", this::unload);
  }

  private void list(Exchange exchange) {
    List<Map<String, Object>> all = models.all().stream().map(ModelsService::members).toList();
    exchange.send(JsonBody.members("object", "list", "data", all));
  }

  private void look(Exchange exchange) {
    ServedModel model = models.find(exchange.variable("name"));
    Map<String, Object> members = members(model);
    members.put("reads", Reads.of(model.version()));
    exchange.send(members);
  }

  private void change(Exchange exchange, Consumer<ServedModel> change) {
    Fields _ = exchange.json().only();
    ServedModel model = models.named(exchange.variable("name"));
    change.accept(model);
    exchange.send(members(model));
  }

  private void unload(Exchange exchange) {
    Fields _ = exchange.json().only();
    models.named(exchange.variable("name")).unload();
    exchange.sendNothing();
  }

  private static Map<String, Object> members(ServedModel model) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", model.name());
    members.put("object", "model");
    members.put("created", model.since().getEpochSecond());
    members.put("owned_by", "unfold");
    members.put("version", model.version().version());
    if (model.version().network().spec().encoder() instanceof Encoder.Embedding tokens) {
      members.put("tokens", tokens.vocabulary());
    }
    members.put("kind", Kind.of(model.version()).text());
    members.put("sessions", model.sessions().map(Sessions::size).orElse(null));
    return members;
  }
}
