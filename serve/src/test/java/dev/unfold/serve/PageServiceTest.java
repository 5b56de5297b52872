package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The page, as far as it can be seen without a browser.
final class PageServiceTest {
  private static final Pattern LINK =
      Pattern.compile("(?:src|href)=\"([^\"]+)\"|from '([^']+)'");

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server = Running.of(Fixtures.text(folder, "poem", 1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void page_andAllThatItAsksFor_areThere() throws Exception {
    Set<String> seen = new TreeSet<>();
    Deque<String> next = new ArrayDeque<>(Set.of("/"));
    while (!next.isEmpty()) {
      String path = next.pop();
      if (!seen.add(path)) {
        continue;
      }
      HttpResponse<String> answer = server.get(path);
      assertEquals(200, answer.statusCode(), path);
      assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElseThrow());
      Matcher links = LINK.matcher(path.endsWith(".json") ? "" : answer.body());
      while (links.find()) {
        String link = links.group(1) == null ? links.group(2) : links.group(1);
        next.add(link.startsWith("./") ? "/page" + link.substring(1) : link);
      }
    }
    assertTrue(seen.contains("/page/chart.js"), seen::toString);
    assertTrue(seen.contains("/openapi.json"), seen::toString);
  }

  @Test
  void page_runsNothingButItsFiles() throws Exception {
    HttpResponse<String> answer = server.get("/");

    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertFalse(Pattern.compile("<script(?![^>]*src=)|<style| style=| on[a-z]+=").matcher(answer.body()).find());
    assertFalse(answer.body().contains("://"), "nothing from anywhere else");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/PageService.class",
        "/page/index.html",
        "/page/../http/Guard.class",
        "/page/..%2fhttp%2fGuard.class",
        "/page/%2e%2e/%2e%2e/etc/passwd",
        "/page/",
        "/page/main.js/x"
      })
  void file_thatIsNoneOfThePage_isNotFound(String path) throws Exception {
    int status = server.get(path).statusCode();

    assertTrue(status == 404 || status == 400, path + ": " + status);
  }
}
