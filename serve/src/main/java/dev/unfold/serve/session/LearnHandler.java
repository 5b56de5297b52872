package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.run.learn.LearnStatus;
import dev.unfold.run.learn.OwnStatus;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.json.Fields;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import dev.unfold.serve.session.Lookup.Found;
import io.helidon.http.Status;
import java.util.Map;

/// Learning while a model is served: what was right, weights of a session's own, and how it goes.
///
/// @param lookup finds the sessions
/// @param models that are served
record LearnHandler(Lookup lookup, Models models) {
  /// What was right at rows that a session has read.
  void label(Exchange exchange) {
    exchange.expectType("application/json");
    Found found = learning(exchange);
    ElementType type = found.model().version().network().kernels().type();
    TargetRows told = TargetRows.parse(type, exchange.body());
    exchange.send(JsonBody.members("labelled", label(found, told)));
  }

  /// Who learns calls what was right targets; here it is named as it came.
  private static int label(Found found, TargetRows told) {
    try {
      return found.model().lessons().label(found.session().id(), told.step(), told.targets());
    } catch (Refusal e) {
      throw e.argument().equals("step") ? e : e.renamed(told.name());
    }
  }

  /// From now on a session has weights of its own.
  void begin(Exchange exchange) {
    Fields _ = exchange.json().only();
    Found found = learning(exchange);
    found.model().lessons().begin(found.session());
    exchange.send(JsonBody.members("version", found.session().status().version()));
  }

  /// From now on it runs what is served.
  void freeze(Exchange exchange) {
    Fields _ = exchange.json().only();
    Found found = lookup.find(exchange.variable("id"));
    exchange.send(
        members(
            found
                .model()
                .lessons()
                .freeze(found.session())
                .orElseThrow(() -> nobody(found.model()))));
  }

  /// How learning is.
  void look(Exchange exchange) {
    ServedModel model = models.find(exchange.variable("name"));
    exchange.send(
        model
            .lessons()
            .status()
            .map(LearnHandler::members)
            .orElseGet(() -> JsonBody.members("learns", false)));
  }

  private Found learning(Exchange exchange) {
    Found found = lookup.find(exchange.variable("id"));
    if (!found.model().lessons().isThere()) {
      throw nobody(found.model());
    }
    return found;
  }

  private static RuntimeException nobody(ServedModel model) {
    return Problem.of(
            Status.CONFLICT_409,
            "learn",
            "learn: expected a server with --learn, got one without, or " + model.name())
        .exception();
  }

  private static Map<String, Object> members(OwnStatus status) {
    return JsonBody.members(
        "base", status.base(),
        "updates", status.updates(),
        "restarts", status.restarts(),
        "labelled", status.steps(),
        "loss", finite(status.loss()));
  }

  private static Map<String, Object> members(LearnStatus status) {
    return JsonBody.members(
        "learns", true,
        "version", status.version(),
        "original", status.original(),
        "labelled", status.steps(),
        "loss_without_learning", finite(status.withoutLearning()),
        "loss_served", finite(status.served()),
        "loss_learning", finite(status.learning()),
        "window_loss_served", finite(status.servedNow()),
        "window_loss_learning", finite(status.learningNow()),
        "updates", status.updates(),
        "promotions", status.promotions(),
        "rollbacks", status.rollbacks(),
        "restarts", status.restarts(),
        "queued", status.front().queued(),
        "dropped", status.front().dropped(),
        "refused", status.front().refused(),
        "failures", status.front().failures(),
        "seconds", status.seconds());
  }

  /// Null for those that JSON has not.
  private static Double finite(double number) {
    return Double.isFinite(number) ? number : null;
  }
}
