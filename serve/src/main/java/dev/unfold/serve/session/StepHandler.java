package dev.unfold.serve.session;

import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.http.EventStream;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.JsonWriter;
import dev.unfold.serve.http.Talk;
import dev.unfold.serve.model.ServedModel;
import dev.unfold.serve.session.Lookup.Found;
import java.nio.charset.StandardCharsets;

/// Lets sessions read rows and tells what their models say: all at once, an event for each row, or over a socket.
///
/// @param lookup finds the sessions
record StepHandler(Lookup lookup) {
  private static final String EVENTS = "text/event-stream";

  void answer(Exchange exchange) {
    exchange.expectType("application/json");
    StepRequest request = StepRequest.parse(exchange.body());
    Found found = lookup.find(exchange.variable("id"));
    boolean isStream = exchange.wants(EVENTS);
    JsonWriter json = null;
    try (Turn turn = begin(found, request)) {
      exchange.by(turn.version());
      Inputs rows = rows(found.model(), turn, request);
      StepLimits.expect(turn.version(), rows.rows(), request, isStream);
      if (isStream) {
        tellEach(exchange, found, turn, rows, request);
      } else {
        json = step(found, turn, rows, request);
        exchange.rows(rows.rows());
      }
    }
    // Nobody waits for the session until the answer has been read.
    if (json != null) {
      exchange.sendJson(json.bytes(), json.length());
    }
  }

  private static Turn begin(Found found, StepRequest request) {
    return request.expectStep().isPresent()
        ? found.session().begin(request.expectStep().getAsLong())
        : found.session().begin();
  }

  private static Inputs rows(ServedModel model, Turn turn, StepRequest request) {
    return request.input().of(turn.version(), model.text(turn.version()));
  }

  private static JsonWriter step(Found found, Turn turn, Inputs rows, StepRequest request) {
    return StepAnswer.json(
        turn.version().network().spec().head(),
        found.model().lessons().read(found.session().id(), turn, rows),
        request);
  }

  /// Each row by itself: who has read its event knows that it has been read.
  private static void tellEach(
      Exchange exchange, Found found, Turn turn, Inputs rows, StepRequest request) {
    try (EventStream events = exchange.events()) {
      for (int row = 0; row < rows.rows(); row++) {
        exchange.expectTime();
        JsonWriter json = step(found, turn, rows.select(row), request);
        exchange.rows(1);
        events.send(json.bytes(), json.length());
      }
      events.end();
    }
  }

  /// Talks with a session: each message is a request, each answer one.
  Talk open(String id) {
    Found _ = lookup.find(id);
    return (text, message) -> {
      StepRequest request = StepRequest.parse(text.getBytes(StandardCharsets.UTF_8));
      // Its model may have been let go of and loaded again since the last one.
      Found found = lookup.find(id);
      try (Turn turn = begin(found, request)) {
        message.by(turn.version());
        Inputs rows = rows(found.model(), turn, request);
        StepLimits.expect(turn.version(), rows.rows(), request, false);
        String answer = step(found, turn, rows, request).toString();
        message.rows(rows.rows());
        return answer;
      }
    };
  }
}
