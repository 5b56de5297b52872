package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `unfold train classify`, `train tags`, `predict`, and `eval` and `inspect` of their models.
final class LabelsTest {
  @TempDir private Path folder;
  private Path series;
  private Path lines;
  private Path tagged;

  @BeforeEach
  void writeFiles() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder ts = new StringBuilder("@classLabel true up down\n@data\n");
    StringBuilder text = new StringBuilder();
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      int sign = i % 2 == 0 ? 1 : -1;
      int steps = 3 + random.nextInt(4);
      for (int t = 0; t < steps; t++) {
        ts.append(t == 0 ? "" : ",").append(sign * t + random.nextDouble());
      }
      ts.append(sign > 0 ? ":up\n" : ":down\n");
      text.append(sign > 0 ? "GOOD:very this is fine w" : "BAD:so this is poor w")
          .append(random.nextInt(20))
          .append('\n');
      words
          .append(sign > 0 ? "the DET\ndog NOUN\n" : "he PRON\nruns VERB\n")
          .append("x")
          .append(random.nextInt(30))
          .append("ed VERB\n\n");
    }
    series = Files.writeString(folder.resolve("train.ts"), ts);
    lines =
        Files.write(
            folder.resolve("lines.txt"), text.toString().getBytes(StandardCharsets.ISO_8859_1));
    tagged = Files.writeString(folder.resolve("words.conll"), words);
  }

  private Path model(String name) {
    return folder.resolve(name + ".safetensors");
  }

  @Test
  void series_fromFileToPredictions_areLearnt() {
    String out =
        Cli.printed(
            "train",
            "classify",
            series,
            "--test",
            series,
            "--epochs",
            25,
            "--lr",
            0.02,
            "--dropout",
            "none",
            "--batch",
            4,
            "--hidden",
            8,
            "--threads",
            1,
            "--out",
            model("s"));

    assertTrue(out.contains("data      54 sequences of "), out);
    assertTrue(out.contains("test       100.00 % right of 60; always down: 50.00 %"), out);
    JsonNode scores = Cli.json("eval", model("s"), series, "--json").getFirst();
    assertEquals(1, scores.path("accuracy").doubleValue());
    assertEquals(60, scores.path("count").intValue());
    assertEquals("[[0,0,30],[1,1,30]]", scores.path("confusion").toString());
    List<JsonNode> said = Cli.json("predict", model("s"), series, "--json", "--top", 2);
    assertEquals("up", said.getFirst().path("label").asString());
    assertEquals(3, said.getFirst().path("line").intValue());
    assertEquals(2, said.getFirst().path("probabilities").size());
    String table = Cli.printed("predict", model("s"), series);
    assertTrue(table.startsWith("line\tlabel\tprobability\n3\tup\t"), table);
    Cli inspected = Cli.run("inspect", model("s"), "--data", series);
    assertEquals(2, inspected.exitCode());
    assertTrue(
        inspected
            .err()
            .getFirst()
            .endsWith(
                "expected a model with a loss at each step, got a head of classes,pooling=max"),
        inspected.toString());
  }

  @Test
  void threshold_aboveWhatIsLikely_saysNothing() {
    Cli.printed("train", "classify", series, "--epochs", 1, "--hidden", 2, "--out", model("s"));

    String table = Cli.printed("predict", model("s"), series, "--threshold", 1);
    assertTrue(table.lines().skip(1).allMatch(line -> line.endsWith("\t?")), table);
    assertEquals(2, Cli.run("predict", model("s"), series, "--threshold", 2).exitCode());
    assertEquals(2, Cli.run("predict", model("s"), series, "--top", 0).exitCode());
    assertEquals(2, Cli.run("predict", model("s"), series, "--conll").exitCode());
  }

  @Test
  void vectorWords_withoutVectors_areRefused() {
    Cli cli = Cli.run("train", "classify", lines, "--vector-words", 7);

    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of("unfold: --vector-words: expected --vectors beside it, got none"), cli.err());
  }

  /// A loss of whole sequences has no errors of steps that could be watched: told before an hour was spent.
  @Test
  void watch_ofWholeSequences_isRefused() {
    Cli cli = Cli.run("train", "classify", series, "--run", folder.resolve("r"), "--watch", 1);

    assertEquals(2, cli.exitCode());
    assertTrue(cli.err().getFirst().contains("--watch: expected 0 for a loss of whole sequences"));
  }

  @Test
  void lines_withLabelsUntilASign_areLearnt() throws IOException {
    List<JsonNode> out =
        Cli.json(
            "train",
            "classify",
            lines,
            "--label-until",
            ":",
            "--encoding",
            "ISO-8859-1",
            "--epochs",
            25,
            "--lr",
            0.02,
            "--dropout",
            "none",
            "--batch",
            4,
            "--hidden",
            8,
            "--embedding",
            8,
            "--threads",
            1,
            "--json",
            "--out",
            model("l"));

    JsonNode started = out.getFirst();
    assertEquals("classify", started.path("unit").asString());
    assertEquals(54, started.path("training_sequences").intValue());
    JsonNode scored = out.getLast();
    assertEquals("scored", scored.path("event").asString());
    assertEquals("validation", scored.path("part").asString());
    assertEquals(1, scored.path("accuracy").doubleValue());
    Path plain = Files.writeString(folder.resolve("plain.txt"), "this is fine\n\nso poor\n");
    List<JsonNode> said = Cli.json("predict", model("l"), plain, "--json");
    assertEquals("GOOD", said.getFirst().path("label").asString());
    assertEquals("BAD", said.getLast().path("label").asString());
    assertEquals(3, said.getLast().path("line").intValue());
    assertEquals(60, Cli.json("predict", model("l"), lines, "--json", "--labelled").size());
  }

  @Test
  void words_fromFileToTags_areLearnt() throws IOException {
    String out =
        Cli.printed(
            "train",
            "tags",
            tagged,
            "--chars",
            "--valid",
            tagged,
            "--epochs",
            25,
            "--lr",
            0.02,
            "--dropout",
            "none",
            "--batch",
            4,
            "--hidden",
            8,
            "--embedding",
            8,
            "--threads",
            1,
            "--out",
            model("t"));

    assertTrue(out.contains("100.00 % right of 180; always VERB: 50.00 %"), out);
    String scores = Cli.printed("eval", model("t"), tagged);
    assertTrue(scores.contains("known words"), scores);
    Path plain = Files.writeString(folder.resolve("plain.conll"), "the\ndog\nx99ed\n");
    assertEquals(
        "the\tDET\ndog\tNOUN\nx99ed\tVERB\n\n",
        Cli.printed("predict", model("t"), plain, "--conll"));
    JsonNode said = Cli.json("predict", model("t"), plain, "--json").getFirst();
    assertEquals("[\"DET\",\"NOUN\",\"VERB\"]", said.path("tags").toString());
    assertEquals("[\"the\",\"dog\",\"x99ed\"]", said.path("words").toString());
    JsonNode inspected = Cli.json("inspect", model("t"), "--data", tagged, "--json").getFirst();
    // One in each direction.
    assertEquals(2, inspected.path("layers").size());
  }

  @Test
  void spans_ofChunks_areScoredInBothConventions() throws IOException {
    String text =
        Files.readString(tagged)
            .replace(" DET", " B-X")
            .replace(" NOUN", " I-X")
            .replaceAll(" (PRON|VERB)", " O");
    Path chunks = Files.writeString(folder.resolve("chunks.conll"), text);
    Cli.printed(
        "train",
        "tags",
        chunks,
        "--epochs",
        25,
        "--lr",
        0.02,
        "--dropout",
        "none",
        "--batch",
        4,
        "--hidden",
        8,
        "--embedding",
        8,
        "--threads",
        1,
        "--out",
        model("c"));

    JsonNode scores = Cli.json("eval", model("c"), chunks, "--json").getFirst();
    assertEquals(30, scores.path("spans_strict").path("X").path("there").intValue());
    assertEquals(1, scores.path("spans_conlleval").path("all").path("f1").doubleValue());
    assertEquals(
        2, Cli.run("train", "tags", chunks, "--decode", "often", "--out", model("d")).exitCode());
  }

  @Test
  void tables_ofTextsAndOfEvents_areLearnt() throws IOException {
    StringBuilder mails = new StringBuilder("class,body\n");
    StringBuilder events = new StringBuilder("user,t,amount,kind,churned\n");
    for (int i = 0; i < 40; i++) {
      mails.append(i % 2 == 0 ? "ham,see you soon\n" : "spam,\"win, now\"\n");
      for (int t = 0; t < 3; t++) {
        events.append(
            "u%d,%d,%s,%s,%s%n"
                .formatted(
                    i,
                    t,
                    t == 1 ? "NA" : i % 2 + 0.5,
                    i % 2 == 0 ? "buy" : "look",
                    i % 2 == 0 ? "no" : "yes"));
      }
    }
    Path texts = Files.writeString(folder.resolve("mails.csv"), mails);
    Path rows = Files.writeString(folder.resolve("events.csv"), events);
    String small = "8";

    Cli.printed(
        "train",
        "classify",
        texts,
        "--text",
        "body",
        "--label",
        "class",
        "--epochs",
        25,
        "--lr",
        0.02,
        "--dropout",
        "none",
        "--batch",
        4,
        "--hidden",
        small,
        "--out",
        model("m"));
    assertEquals(
        1, Cli.json("eval", model("m"), texts, "--json").getFirst().path("accuracy").doubleValue());
    Cli.printed(
        "train",
        "classify",
        rows,
        "--by",
        "user",
        "--time",
        "t",
        "--label",
        "churned",
        "--features",
        "amount,kind",
        "--epochs",
        25,
        "--lr",
        0.02,
        "--dropout",
        "none",
        "--batch",
        4,
        "--hidden",
        small,
        "--out",
        model("e"));
    assertEquals(
        1, Cli.json("eval", model("e"), rows, "--json").getFirst().path("accuracy").doubleValue());
    assertTrue(
        Cli.run("train", "classify", rows, "--by", "user")
            .err()
            .getFirst()
            .contains("--label: expected --label beside --text or --by"));
  }

  /// Given the same options and data, a run that was interrupted ends with the same bytes.
  @Test
  void run_thatIsResumed_endsAsWithoutTheInterruption() throws IOException {
    Object[] options = {
      "train",
      "tags",
      tagged,
      "--chars",
      "--hidden",
      6,
      "--embedding",
      6,
      "--epochs",
      4,
      "--threads",
      1
    };
    Cli.printed(with(options, "--out", model("whole")));
    Path run = folder.resolve("run");
    Cli.printed(with(options, "--run", run, "--checkpoint", 1, "--out", model("part")));
    Files.delete(model("part"));
    try (var files = Files.list(run)) {
      List<Path> checkpoints =
          files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
      assertTrue(checkpoints.size() > 1, checkpoints.toString());
      Path last =
          checkpoints.stream()
              .max(java.util.Comparator.comparingInt(LabelsTest::update))
              .orElseThrow();
      Files.delete(last);
    }
    Cli.printed(with(options, "--run", run, "--resume", "--checkpoint", 1, "--out", model("part")));

    assertArrayEquals(Files.readAllBytes(model("whole")), Files.readAllBytes(model("part")));
  }

  private static int update(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().replaceAll("\\D", ""));
  }

  private static Object[] with(Object[] options, Object... more) {
    Object[] all = java.util.Arrays.copyOf(options, options.length + more.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return all;
  }

  @Test
  void standardInput_isLearntFrom() throws IOException, InterruptedException {
    Path words = Files.writeString(folder.resolve("in.tsv"), "a\tX\nb\tY\n\n".repeat(8));
    Path model = folder.resolve("in.safetensors");
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    String options = "train tags - --column 2 --epochs 1 --hidden 2 --threads 1 --json --out ";
    line.addAll(List.of((options + model).split(" ", -1)));
    Process process =
        new ProcessBuilder(line)
            .redirectInput(words.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor());
    assertTrue(Cli.printed("eval", model, words).contains("right of 16"));
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.filter(file -> file.toString().endsWith(".table")).toList());
    }
  }
}
