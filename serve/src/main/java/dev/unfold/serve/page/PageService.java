package dev.unfold.serve.page;

import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The page at `/`, and `/openapi.json`. Both are files of this module, of which each has a name that is known: none
/// that a request has leads anywhere else.
///
/// The page asks for nothing but what this server has, and runs no script but its own files: a policy says so to the
/// browser.
public final class PageService implements Service {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final HeaderName POLICY_NAME = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName SNIFF_NAME = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER_NAME = HeaderNames.create("Referrer-Policy");

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final List<String> SCRIPTS =
      List.of(
          "main.js",
          "api.js",
          "chart.js",
          "dom.js",
          "forecasts.js",
          "labels.js",
          "learning.js",
          "numbers.js",
          "plot.js",
          "predict.js",
          "rows.js",
          "session.js",
          "text.js",
          "watch.js");

  /// A file and what it is.
  private record Asset(String type, byte[] content) {}

  private final Asset index = asset("index.html", "text/html; charset=utf-8");
  private final Asset description = asset("openapi.json", "application/json");
  private final Map<String, Asset> assets = new LinkedHashMap<>();

  /// Reads the files.
  public PageService() {
    SCRIPTS.forEach(name -> assets.put(name, asset(name, SCRIPT)));
    assets.put("page.css", asset("page.css", "text/css; charset=utf-8"));
    assets.put("icon.svg", asset("icon.svg", "image/svg+xml"));
  }

  private static Asset asset(String name, String type) {
    try (InputStream in = PageService.class.getResourceAsStream(name)) {
      return new Asset(type, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void routes(Routes routes) {
    routes
        .open()
        .get("/", exchange -> send(exchange, index))
        .get("/page/{file}", this::file)
        .get("/openapi.json", exchange -> send(exchange, description));
  }

  private void file(Exchange exchange) {
    Asset asset = assets.get(exchange.variable("file"));
    if (asset == null) {
      throw Problem.of(Status.NOT_FOUND_404, "path", "file: expected one of the page, got another")
          .exception();
    }
    send(exchange, asset);
  }

  private static void send(Exchange exchange, Asset asset) {
    exchange
        .header(POLICY_NAME, POLICY)
        .header(SNIFF_NAME, "nosniff")
        .header(REFERRER_NAME, "no-referrer")
        .header(HeaderNames.CACHE_CONTROL, "no-cache");
    exchange.send(asset.type(), asset.content());
  }
}
