package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A case that is not in order is turned away with a reason that names the field.
final class GoldenCaseTest {
  private static final String TENSOR = "{\"shape\": [1, 2, 1], \"data\": [0.5, -0.5]}";

  @TempDir private Path folder;

  private GoldenCase read(String json) throws IOException {
    return GoldenCase.read(Files.writeString(folder.resolve("case.json"), json));
  }

  private void assertUnsupported(String reason, String json) {
    Unsupported e =
        assertThrows(
            Unsupported.class,
            () -> {
              GoldenCase golden = read(json);
              golden.expectOnly("T", "input", "cell", "targets", "loss");
              golden.size("T");
              golden.tensor("input", golden.size("T"), 2, 1);
              golden.text("cell");
              golden.indices("targets", 3, 2);
              golden.number("loss");
            });
    assertEquals(reason, e.getMessage());
  }

  @Test
  void case_notInOrder_isTurnedAwayByTheFieldsName() {
    assertUnsupported("unknown field zoneout", "{\"T\": 1, \"zoneout\": 0.1}");
    assertUnsupported("field T is missing", "{}");
    assertUnsupported("field T: expected a whole number of 1 or more, got 0", "{\"T\": 0}");
    assertUnsupported("field T: expected a whole number of 1 or more, got 1.5", "{\"T\": 1.5}");
    assertUnsupported("field input is missing", "{\"T\": 1}");
    assertUnsupported("field input: expected an object", "{\"T\": 1, \"input\": [1]}");
    assertUnsupported(
        "field input: expected [2, 2, 1], got [1, 2, 1]", "{\"T\": 2, \"input\": " + TENSOR + "}");
    assertUnsupported(
        "field input.data: expected a list of 2, got [0.5]",
        "{\"T\": 1, \"input\": {\"shape\": [1, 2, 1], \"data\": [0.5]}}");
    assertUnsupported(
        "field input.data: expected a finite number, got \"a\"",
        "{\"T\": 1, \"input\": {\"shape\": [1], \"data\": [\"a\"]}}");
    String start = "{\"T\": 1, \"input\": " + TENSOR;
    assertUnsupported("field cell: expected a text, got 3", start + ", \"cell\": 3}");
    assertUnsupported(
        "field targets: expected 0 to 2, got 3.0",
        start + ", \"cell\": \"rnn\", \"targets\": [0, 3]}");
    assertUnsupported(
        "field targets: expected a list of 2, got [0]",
        start + ", \"cell\": \"rnn\", \"targets\": [0]}");
    assertUnsupported(
        "field loss: expected a finite number, got null",
        start + ", \"cell\": \"rnn\", \"targets\": [0, 1], \"loss\": null}");
  }

  @Test
  void case_thatIsNotJson_isTurnedAway() {
    Unsupported e = assertThrows(Unsupported.class, () -> read("{\"loss\": NaN}"));
    assertEquals("not JSON: ", e.getMessage().substring(0, 10));
    assertEquals(
        "the file: expected an object",
        assertThrows(Unsupported.class, () -> read("[1]")).getMessage());
  }
}
