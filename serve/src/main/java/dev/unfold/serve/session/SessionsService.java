package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.run.session.SessionStatus;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.RandomName;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.json.Fields;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import dev.unfold.serve.session.Lookup.Found;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/v1/sessions`: opens sessions, tells of them, forks, marks, takes back and ends them.
public final class SessionsService implements Service {
  private static final int USUAL = 100;
  private static final int MOST = 1000;

  /// Characters of a name; what names may be is said by who looks for them.
  private static final int LONGEST_NAME = 10_000;

  private final Models models;
  private final Lookup lookup;
  private final StepHandler steps;
  private final StateHandler states;
  private final LearnHandler learning;

  /// Those of `models`.
  public SessionsService(Models models) {
    this.models = models;
    lookup = new Lookup(models);
    steps = new StepHandler(lookup);
    states = new StateHandler(lookup);
    learning = new LearnHandler(lookup, models);
  }

  @Override
  public void routes(Routes routes) {
    routes
        .post("/v1/sessions/{id}/step", steps::answer)
        .post("/v1/sessions", this::open)
        .get("/v1/sessions", this::list)
        .get("/v1/sessions/{id}", this::look)
        .delete("/v1/sessions/{id}", this::end)
        .post("/v1/sessions/{id}/fork", this::fork)
        .post("/v1/sessions/{id}/mark", this::mark)
        .post("/v1/sessions/{id}/rewind", this::rewind)
        .get("/v1/sessions/{id}/state", states::get)
        .put("/v1/sessions/{id}/state", states::put)
        .post("/v1/sessions/{id}/targets", learning::label)
        .post("/v1/sessions/{id}/learn", learning::begin)
        .post("/v1/sessions/{id}/freeze", learning::freeze)
        .get("/v1/models/{name}/learning", learning::look)
        .socket("/v1/sessions/{id}/stream", steps::open);
  }

  private void open(Exchange exchange) {
    Fields fields = exchange.json().only("model", "id", "from");
    Optional<String> from = fields.maybeText("from", LONGEST_NAME);
    Optional<String> name = fields.maybeText("model", LONGEST_NAME);
    String id = fields.maybeText("id", LONGEST_NAME).orElseGet(RandomName::draw);
    Found opened;
    if (from.isPresent()) {
      Found source = lookup.find(from.get());
      if (name.isPresent() && !name.get().equals(source.model().name())) {
        throw new Refusal(
            "model", source.model().name() + ", as that of " + from.get(), name.get());
      }
      opened = lookup.fork(source, id);
    } else {
      ServedModel model = name.map(models::find).orElseGet(models::only);
      opened = lookup.open(model, id);
    }
    tellNew(exchange, opened);
  }

  private static void tellNew(Exchange exchange, Found opened) {
    exchange
        .status(Status.CREATED_201)
        .header(HeaderNames.LOCATION, "/v1/sessions/" + opened.session().id());
    exchange.send(members(opened.session().status()));
  }

  private void list(Exchange exchange) {
    int limit = exchange.parameter("limit").map(SessionsService::limit).orElse(USUAL);
    List<SessionStatus> found =
        lookup.list(exchange.parameter("model"), exchange.parameter("after").orElse(""), limit);
    List<Map<String, Object>> all = found.stream().map(SessionsService::members).toList();
    exchange.send(JsonBody.members("sessions", all));
  }

  private static int limit(String text) {
    int limit = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > MOST) {
      throw new Refusal("limit", "1 to " + MOST, text);
    }
    return limit;
  }

  private void look(Exchange exchange) {
    exchange.send(members(lookup.find(exchange.variable("id")).session().status()));
  }

  private void end(Exchange exchange) {
    Found found = lookup.find(exchange.variable("id"));
    found.session().end();
    found.model().lessons().ended(found.session());
    exchange.sendNothing();
  }

  private void fork(Exchange exchange) {
    String id =
        exchange.json().only("id").maybeText("id", LONGEST_NAME).orElseGet(RandomName::draw);
    tellNew(exchange, lookup.fork(lookup.find(exchange.variable("id")), id));
  }

  private void mark(Exchange exchange) {
    Fields _ = exchange.json().only();
    exchange.send(JsonBody.members("step", lookup.find(exchange.variable("id")).session().mark()));
  }

  private void rewind(Exchange exchange) {
    long step =
        exchange
            .json()
            .only("step")
            .maybeWhole("step")
            .orElseThrow(() -> new Refusal("step", "that of a mark", "nothing"));
    Found found = lookup.find(exchange.variable("id"));
    found.session().rewind(step);
    found.model().lessons().moved(found.session());
    exchange.send(members(found.session().status()));
  }

  private static Map<String, Object> members(SessionStatus status) {
    return JsonBody.members(
        "id", status.id(),
        "model", status.model(),
        "version", status.version(),
        "step", status.step(),
        "marks", status.marks(),
        "opened", status.opened().toString(),
        "used", status.used().toString(),
        "resident", status.isResident());
  }
}
