package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.measure.load.ServerProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// The command and its options.
@Timeout(120)
final class ServeCommandTest {
  @TempDir private Path folder;

  private static int run(StringWriter out, String... arguments) throws Exception {
    PrintWriter writer = new PrintWriter(out);
    return new ServeCommand().run(List.of(arguments), writer, writer);
  }

  @Test
  void help_asked_namesEachOption() throws Exception {
    StringWriter out = new StringWriter();

    assertEquals(0, run(out, "--help"));
    for (OptionSpec option : new CommandLine(new ServeOptions()).getCommandSpec().options()) {
      assertTrue(out.toString().contains(option.longestName()), option::longestName);
    }
  }

  @Test
  void options_all_standInTheGuide() throws Exception {
    String guide = Files.readString(Path.of("..", "docs", "serving.md"));
    for (OptionSpec option : new CommandLine(new ServeOptions()).getCommandSpec().options()) {
      String name = option.longestName();
      if (!option.usageHelp() && !option.versionHelp()) {
        assertTrue(guide.contains(name), name);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port=70000 | --port",
        "--sessions=0 | --sessions",
        "--resident=5 | --resident",
        "--idle=never | --idle",
        "--keep=5 | --keep",
        "--max-body=5% | --max-body",
        "--max-body=0 | --max-body",
        "--store=pom.xml | --store",
        "--max-body=3GB | --max-body",
        "--max-requests=0 | --max-requests",
        "--request-timeout=0s | --request-timeout",
        "--api-key=none.txt | --api-key",
        "--host=0.0.0.0 | --host",
        "--host=nowhere.invalid | --host",
        "--tls=none.p12 | --tls",
        "--log=. | --log"
      })
  void option_ofNoUse_isRefusedByItsName(String option, String name) {
    String model = Fixtures.text(folder, "poem", 1).toString();
    Refusal e = assertThrows(Refusal.class, () -> run(new StringWriter(), model, option));

    assertEquals(name, e.argument(), e::getMessage);
  }

  @Test
  void models_none_areAskedFor() {
    assertThrows(ParameterException.class, () -> run(new StringWriter()));
  }

  @Test
  void models_ofOneName_areRefused() {
    String model = Fixtures.text(folder, "poem", 1).toString();

    assertThrows(Refusal.class, () -> run(new StringWriter(), model, model));
    assertThrows(Refusal.class, () -> run(new StringWriter(), "a b.safetensors"));
  }

  @Test
  void port_taken_isToldAsSuch() throws Exception {
    Path model = Fixtures.text(folder, "poem", 1);
    try (Running server = Running.of(model)) {
      Refusal e =
          assertThrows(
              Refusal.class,
              () -> run(new StringWriter(), model.toString(), "--port=" + server.port()));
      assertEquals("--port", e.argument());
    }
  }

  /// A process of its own, asked to end.
  @Test
  void server_askedToEnd_keepsItsSessions() throws Exception {
    String model = Fixtures.text(folder, "poem", 1).toString();
    String store = folder.resolve("store").toString();
    HttpClient client = HttpClient.newHttpClient();
    try (ServerProcess server = ServingProcess.start(model, "--store", store)) {
      HttpRequest open =
          HttpRequest.newBuilder(server.uri("/v1/sessions"))
              .POST(HttpRequest.BodyPublishers.ofString("{\"id\": \"a\"}"))
              .build();
      assertEquals(201, client.send(open, BodyHandlers.ofString()).statusCode());
      assertEquals(0, server.stop());
    }
    try (ServerProcess server = ServingProcess.start(model, "--store", store)) {
      HttpRequest look = HttpRequest.newBuilder(server.uri("/v1/sessions/a")).build();
      assertEquals(200, client.send(look, BodyHandlers.ofString()).statusCode());
    }
  }
}
