package dev.unfold.serve.completion;

import dev.unfold.argument.Refusal;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Turn;
import dev.unfold.run.task.TextModel;
import dev.unfold.serve.http.EventStream;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.JsonWriter;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import java.time.InstantSource;
import java.util.Optional;

/// `/v1/completions`: text as a model goes on with it.
///
/// @param models that are served
/// @param clock tells the time
public record CompletionService(Models models, InstantSource clock) implements Service {
  @Override
  public void routes(Routes routes) {
    routes.in(Route.Dialect.OPENAI).post("/v1/completions", this::complete);
  }

  private void complete(Exchange exchange) {
    CompletionRequest request = CompletionRequest.of(exchange.json());
    ServedModel model = request.model().map(models::find).orElseGet(models::only);
    Optional<JsonWriter> json;
    if (request.session().isPresent()) {
      String session = request.session().get();
      try (Turn turn = model.expectSessions().find(session).begin()) {
        Reader reader = Reader.of(model.lessons(), session, turn);
        json = answer(exchange, request, model, turn.version(), reader, turn.step() > 0);
      }
    } else {
      ModelVersion version = model.version();
      Reader reader = Reader.of(expectText(model, version), exchange::expectTime);
      json = answer(exchange, request, model, version, reader, false);
    }
    // Nobody waits for the session until the answer has been read.
    json.ifPresent(own -> exchange.sendJson(own.bytes(), own.length()));
  }

  private static ModelVersion expectText(ServedModel model, ModelVersion version) {
    if (model.text(version).isEmpty()) {
      throw new Refusal("model", "a model of text", model.name() + ", which is another");
    }
    return version;
  }

  /// @return what is to be sent, unless it was sent piece by piece
  private Optional<JsonWriter> answer(
      Exchange exchange,
      CompletionRequest request,
      ServedModel model,
      ModelVersion version,
      Reader reader,
      boolean goesOn) {
    exchange.by(version);
    TextModel text = model.text(expectText(model, version)).orElseThrow();
    Completion completion = new Completion(request, text, reader, goesOn);
    CompletionAnswer answer =
        CompletionAnswer.of(request, version, clock.instant().getEpochSecond());
    if (request.isStream()) {
      stream(exchange, request, completion, answer);
      return Optional.empty();
    }
    StringBuilder all = new StringBuilder();
    completion.write(all::append, exchange::expectTime);
    exchange.rows(completion.promptTokens() + (long) completion.drawnTokens());
    return Optional.of(answer.whole(all.toString(), completion));
  }

  private static void stream(
      Exchange exchange,
      CompletionRequest request,
      Completion completion,
      CompletionAnswer answer) {
    try (EventStream events = exchange.events()) {
      completion.write(piece -> send(events, answer.piece(piece)), exchange::expectTime);
      exchange.rows(completion.promptTokens() + (long) completion.drawnTokens());
      send(events, answer.last(completion));
      if (request.hasUsage()) {
        send(events, answer.usage(completion));
      }
      events.send("[DONE]");
      events.end();
    }
  }

  private static void send(EventStream events, JsonWriter json) {
    events.send(json.bytes(), json.length());
  }
}
