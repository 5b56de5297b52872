package dev.unfold.run.inspect;

import dev.unfold.run.output.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The error flow as one page for a browser, which needs no network: the template with the numbers in it.
public final class InspectionPage {
  private static final String TEMPLATE = "inspect.html";
  private static final String DATA = "\"DATA\"";

  private InspectionPage() {}

  public static String of(Inspection inspection) {
    // A name of a file may hold what would end the script.
    String data = Json.tree(inspection).toString().replace("<", "\\u003c");
    return template().replace(DATA, data);
  }

  private static String template() {
    try (InputStream in = InspectionPage.class.getResourceAsStream(TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
