package dev.unfold.serve.watch;

import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.json.JsonBody;
import io.helidon.http.Status;
import java.util.function.BooleanSupplier;

/// `/livez`, whether the server answers at all; `/readyz`, whether it should be asked.
///
/// @param isReady whether all has been warmed up, and it is not about to end
public record HealthService(BooleanSupplier isReady) implements Service {
  @Override
  public void routes(Routes routes) {
    routes
        .open()
        .get("/livez", exchange -> exchange.send(JsonBody.members("live", true)))
        .get("/readyz", this::ready);
  }

  private void ready(Exchange exchange) {
    boolean is = isReady.getAsBoolean();
    if (!is) {
      exchange.status(Status.SERVICE_UNAVAILABLE_503);
    }
    exchange.send(JsonBody.members("ready", is));
  }
}
