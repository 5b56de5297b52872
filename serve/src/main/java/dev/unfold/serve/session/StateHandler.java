package dev.unfold.serve.session;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.StateFile;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.Turn;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.session.Lookup.Found;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

/// States as files: given to who asks for them, and taken from who brings one.
///
/// @param lookup finds the sessions
record StateHandler(Lookup lookup) {
  private static final String TYPE = "application/octet-stream";
  private static final HeaderName STEP = HeaderNames.create("Unfold-Step");
  private static final HeaderName VERSION = HeaderNames.create("Unfold-Version");

  void get(Exchange exchange) {
    Session session = lookup.find(exchange.variable("id")).session();
    ModelVersion version;
    State state;
    long step;
    try (Turn turn = session.begin()) {
      version = turn.version();
      state = turn.state();
      step = turn.step();
    }
    exchange.by(version);
    exchange.header(STEP, Long.toString(step)).header(VERSION, version.version());
    exchange.send(TYPE, StateFile.bytes(version.network().spec(), state));
  }

  void put(Exchange exchange) {
    exchange.expectType(TYPE);
    long step = exchange.parameter("step").map(StateHandler::step).orElse(0L);
    byte[] bytes = exchange.body();
    Found found = lookup.find(exchange.variable("id"));
    Session session = found.session();
    Network network;
    try (Turn turn = session.begin()) {
      exchange.by(turn.version());
      network = turn.version().network();
    }
    session.restore(
        StateFile.read("state", bytes, network.spec(), network.kernels().precision()), step);
    found.model().lessons().moved(session);
    exchange.sendNothing();
  }

  private static long step(String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw new Refusal("step", "a whole number, 0 or more", text);
    }
    return Long.parseLong(text);
  }
}
