package dev.unfold.run.inspect;

import dev.unfold.run.output.HtmlPage;
import dev.unfold.run.output.Json;
import java.util.List;

/// The error flow as one page for a browser, which needs no network.
public final class InspectionPage {
  private InspectionPage() {}

  public static String of(Inspection inspection) {
    return HtmlPage.of(
        "Error flow",
        List.of(flow(), HtmlPage.text(InspectionPage.class, "inspect.js")),
        Json.tree(inspection));
  }

  /// The script that draws an inspection: `errorFlow(data, main, heading)`.
  public static String flow() {
    return HtmlPage.text(InspectionPage.class, "flow.js");
  }
}
