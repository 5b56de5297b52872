package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileTest {
  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Texts.write(folder.resolve("text.txt"), 400);
  }

  private Path config(String content) throws IOException {
    return Files.writeString(folder.resolve("config"), content);
  }

  private byte[] model(Object... more) throws IOException {
    Path out = folder.resolve("m.safetensors");
    Files.deleteIfExists(out);
    Object[] line = new Object[more.length + 5];
    line[0] = "train";
    line[1] = "text";
    line[2] = text;
    line[3] = "--out";
    line[4] = out;
    System.arraycopy(more, 0, line, 5, more.length);
    Cli.printed(line);
    return Files.readAllBytes(out);
  }

  @Test
  void config_withOptions_trainsTheSameModelAndTheCommandLineCountsMore() throws IOException {
    Path config =
        config(
            """
            # small
            hidden = 8

             steps=8
            batch = 4
            epochs = 1
            lr = 0.01
            group = bias.*,rate=0.5
            group = head.*,decay=0
            decay = 0.1
            """);
    Object[] options = {
      "--hidden",
      8,
      "--steps",
      8,
      "--batch",
      4,
      "--epochs",
      1,
      "--lr",
      0.01,
      "--decay",
      0.1,
      "--group",
      "bias.*,rate=0.5",
      "--group",
      "head.*,decay=0"
    };
    byte[] expected = model(options);
    assertArrayEquals(expected, model("--config", config));
    assertArrayEquals(expected, model("--config=" + config, "--epochs", "1"));
    options[1] = 9;
    assertArrayEquals(model(options), model("--hidden=9", "--config", config));
  }

  @Test
  void config_withAByteOrderMark_isTheSameWithout() throws IOException {
    String small = "hidden = 4\nsteps = 8\nbatch = 2\nepochs = 1\n";
    byte[] expected = model("--config", config(small));

    assertArrayEquals(expected, model("--config", config("\uFEFF" + small)));
    assertArrayEquals(expected, model("--config", config("\uFEFF# small\r\n" + small)));
  }

  @Test
  void config_ofARun_repeatsIt() throws IOException {
    Path run = folder.resolve("run");
    byte[] expected =
        model(
            "--hidden",
            8,
            "--steps",
            8,
            "--batch",
            4,
            "--epochs",
            2,
            "--cell",
            "gru",
            "--init",
            "recurrent=orthogonal,bias=0",
            "--dropout",
            "between=0.1,output=0.2",
            "--layers",
            2,
            "--lr",
            0.01,
            "--schedule",
            "cosine,to=0,warmup=3",
            "--run",
            run);
    assertArrayEquals(expected, model("--config", run.resolve("config.txt")));
  }

  /// A list of layers says what the options of a single kind say elsewhere.
  @Test
  void config_ofARunWithAListOfLayers_repeatsIt() throws IOException {
    Path run = folder.resolve("run");
    byte[] expected =
        model(
            "--layers",
            "lstm:8:heads=2,gru:6",
            "--steps",
            8,
            "--batch",
            4,
            "--epochs",
            1,
            "--run",
            run);
    assertArrayEquals(expected, model("--config", run.resolve("config.txt")));
  }

  @ParameterizedTest
  @CsvSource({
    "hidden,        'line 1: expected NAME = VALUE with an option of unfold train text, got"
        + " hidden'",
    "hiden = 3,     'line 1: expected NAME = VALUE with an option of unfold train text, got hiden ="
        + " 3'",
    "resume = true, 'line 1: expected NAME = VALUE with an option of unfold train text, got"
        + " resume'",
    "hidden = x,    'Invalid value for option'"
  })
  void config_withWhatIsNoOption_isRefused(String line, String reason) throws IOException {
    Cli cli = Cli.run("train", "text", text, "--config", config(line));
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
  }

  @Test
  void config_thatIsNoFile_isRefused() {
    for (List<Object> line :
        List.of(
            List.<Object>of("train", "text", text, "--config", folder),
            List.<Object>of("train", "text", text, "--config", folder.resolve("none")),
            List.<Object>of("train", "text", text, "--config"))) {
      Cli cli = Cli.run(line.toArray());
      assertEquals(2, cli.exitCode(), cli::toString);
      assertTrue(cli.err().getFirst().contains("--config"), cli::toString);
    }
  }
}
