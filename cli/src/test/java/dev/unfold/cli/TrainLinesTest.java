package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `unfold train text --lines`, and vocabularies with limits.
final class TrainLinesTest {
  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Texts.write(folder.resolve("text.txt"), 400);
  }

  private Object[] train(String model, Object... more) {
    List<Object> line = new ArrayList<>(List.of("train", "text", text));
    line.addAll(List.of("--hidden", 8, "--embedding", 4, "--batch", 4, "--epochs", 2));
    line.addAll(List.of("--threads", 1, "--out", folder.resolve(model)));
    line.addAll(List.of(more));
    return line.toArray();
  }

  private LanguageModel load(String model) {
    return ModelFile.loadLanguage(folder.resolve(model), Backends.named("scalar", Precision.FLOAT));
  }

  @Test
  void lines_areLearnedOneByOne_andScoredWithTheirEnds() throws IOException {
    List<JsonNode> lines = Cli.json(train("m", "--lines", "--json"));
    assertEquals("LINES", load("m").form());
    JsonNode started = lines.getFirst();
    // 50 lines, of which 5 validate; each token is predicted, the end of the line too.
    assertEquals(12, started.get("updates_per_epoch").asInt());
    assertEquals(
        Files.size(text),
        started.get("training_tokens").asLong() + started.get("validation_tokens").asLong());

    Path two = Files.writeString(folder.resolve("two"), "the\nand");
    JsonNode one =
        Cli.json("eval", folder.resolve("m"), two, "--json", "--baseline", text).getFirst();
    assertEquals(8, one.get("tokens").asInt());
    assertTrue(one.get("baseline_nats_per_token").asDouble() > 0);
    // Lines are apart: their order is no matter.
    Path turned = Files.writeString(folder.resolve("turned"), "and\nthe\n");
    assertEquals(
        one.get("nats_per_token").asDouble(),
        Cli.json("eval", folder.resolve("m"), turned, "--json")
            .getFirst()
            .get("nats_per_token")
            .asDouble(),
        1e-6);
  }

  @Test
  void sample_ofAModelOfLines_isLines() {
    Cli.printed(train("m", "--lines"));
    String out = Cli.printed("sample", folder.resolve("m"), "--prompt", "ti", "--length", 90);
    List<String> lines = out.lines().toList();
    lines.forEach(line -> assertTrue(line.startsWith("ti"), out));
    assertTrue(out.endsWith("\n") && !out.endsWith("\n\n"), out);
    Cli refused = Cli.run("sample", folder.resolve("m"), "--prompt", "a\nb");
    assertEquals(
        List.of("unfold: --prompt: expected the beginning of one line, got more than one"),
        refused.err());
  }

  @Test
  void run_ofLines_goesOnToTheSameBits() throws IOException {
    Cli.printed(train("whole", "--lines", "--sampled", 3));
    Path run = folder.resolve("run");
    Object[] line = train("part", "--lines", "--sampled", 3, "--run", run);
    Cli.printed(line);
    List<Object> again = new ArrayList<>(List.of(line));
    again.add("--resume");
    Files.delete(folder.resolve("part"));
    Cli.printed(again.toArray());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole")), Files.readAllBytes(folder.resolve("part")));
    // How the errors flow is looked at over whole lines.
    Cli.printed("inspect", folder.resolve("whole"), "--data", text);
  }

  @Test
  void words_thatAreRare_areTrainedAsUnknown() throws IOException {
    Files.writeString(text, "once upon a time\nonce\n", StandardOpenOption.APPEND);
    Path all = Files.copy(text, folder.resolve("valid.txt"));
    String out =
        Cli.printed(train("w", "--unit", "word", "--max-words", 6, "--valid", all, "--steps", 8));
    assertTrue(out.contains(" different ones, "), out);
    assertTrue(out.contains(" read as unknown"), out);
    LanguageModel model = load("w");
    assertEquals(6, model.vocabulary().size());
    assertTrue(model.vocabulary().indexOf("<unk>") < 5, model.vocabulary()::toString);
  }

  @Test
  void options_thatDoNotGoTogether_areRefused() {
    assertRefused(
        "--steps: expected none beside --lines, of which each is one window, got 8",
        "--lines",
        "--steps",
        8);
    assertRefused("--min-count: expected words as tokens, got CHAR", "--min-count", 2);
    assertRefused("--max-words: expected words as tokens, got CHAR", "--max-words", 20);
    assertRefused(
        "--max-words: expected 3 or more, <eos> and <unk> among them, got 2",
        "--max-words",
        2,
        "--unit",
        "word");
  }

  private void assertRefused(String message, Object... more) {
    Cli cli = Cli.run(train("r", more));
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: " + message), cli.err());
  }
}
