package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.output.Version;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.update.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each argument that cannot be used is named, with what was expected and what came.
final class ArgumentsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--hidden x         | Invalid value for option '--hidden': 'x' is not an int",
        "--hidden -1        | --hidden: expected H of 1 or more, got -1",
        "--layers 0         | --layers: expected L of 1 or more, got 0",
        "--layers 2000000000| expected fewer than 2^31 parameters",
        "--layers 1.5       | --layers: expected a whole number, or CELL:H for each layer",
        "--layers rnn:5     | --layers: expected the name of a cell that is known here, got rnn",
        "--layers gru:5,,gru:3 | --layers: expected CELL:H for each layer",
        "--layers gru:5:left | --layers: expected CELL:H for each layer",
        "--layers gru:5:both | --layers: expected layers that read forwards, to predict what comes"
            + " next, got gru:5:both",
        "--layers gru:5 --cell gru | --layers: expected a number of layers beside --cell, got"
            + " gru:5",
        "--layers gru:5,gru:6:residual | layers[1]: expected an output of as many numbers as its",
        "--embedding 0      | --embedding: expected I of 1 or more, got 0",
        "--embedding 2000000000 | expected fewer than 2^31 parameters",
        "--cell rnn         | --cell: expected one of cfc",
        "--size P=3         | --size: cell elman: expected one of its own sizes, [], got P",
        "--cell lstm_projected --size P=0 | --size: cell lstm_projected: expected P of 1 or more,"
            + " got 0",
        "--cell lstm_projected --size Q=2 | --size: cell lstm_projected: expected one of its own"
            + " sizes, [P], got Q",
        "--cell lstm_projected --size P   | --size: expected P=N with a whole number, got P",
        "--cell lstm_projected --size P=3,P=4 | --size: expected each once, got another P=4",
        "--cell lstm_projected --size P=3x | --size: expected P=N with a whole number, got P=3x",
        "--cell lstm_projected --size P=3, | --size: expected P=N between commas, got none in",
        "--init recurrent=eye | --init: expected one of default, uniform:BOUND,"
            + " normal:DEVIATION, xavier_uniform, xavier_normal,"
            + " he_uniform, he_normal, orthogonal, identity or a number, got eye",
        "--init hidden=0    | --init: expected ROLE=WHAT with a role of embedding, input,"
            + " recurrent, readout, bias or forget, got hidden=0",
        "--init orthogonal  | --init: expected ROLE=WHAT with a role of embedding, input,"
            + " recurrent, readout, bias or forget, got orthogonal",
        "--init bias=orthogonal | --init: bias: expected default, uniform:BOUND, normal:DEVIATION"
            + " or a number, got orthogonal",
        "--cell lstm --init forget=identity | --init: forget: expected a number, got identity",
        "--cell lstm --init forget=NaN | --init: expected one of default",
        "--init forget=1    | --init: forget: expected a cell with the bias of a forget gate, got"
            + " elman",
        "--unit letter      | Invalid value for option '--unit': expected one of",
        "--steps 0          | --steps: expected T of 1 or more, auto:X or auto:X,most=T with a"
            + " tolerance X above 0, got 0",
        "--steps auto:0     | --steps: expected T of 1 or more, auto:X or auto:X,most=T with a"
            + " tolerance X above 0, got auto:0",
        "--steps auto:0.1 --window 4 | --window: expected none beside --steps auto, got 4",
        "--steps 2000000000 | expected at least T+1=2000000001 tokens",
        "--batch 0          | --batch: expected B of 1 or more, got 0",
        "--epochs 0         | --epochs: expected 1 or more, got 0",
        "--minutes 0        | --minutes: expected more than 0, got 0.0",
        "--minutes NaN      | Invalid value for option '--minutes': expected a number such as 3,"
            + " 0.5 or 1e-3, got NaN",
        "--epochs 1 --minutes 1 | expected either --epochs or --minutes, got both",
        "--lr nan           | Invalid value for option '--lr': expected a number such as 3, 0.5 or"
            + " 1e-3, got nan",
        "--lr NaN           | Invalid value for option '--lr': expected a number such as 3",
        "--lr -1            | --lr: expected a number above 0 and below 1e6, got -1.0",
        "--lr 1e9           | --lr: expected a number above 0 and below 1e6, got 1.0E9",
        "--memory much      | --memory: expected an amount such as 64MB, 1.5GiB or 5%, got much",
        "--memory 0%        | --memory: expected an amount such as 64MB, 1.5GiB or 5%, got 0%",
        "--memory 10B       | or more for T=64 steps of B=7 sequences, got 0.0 MB",
        "--memory 5% --window 2 | expected either --memory or --window and --reach, got both",
        "--reach 2          | expected --window beside --reach",
        "--window 3 --reach 2 | --reach: expected k2 of k1=3 or more, got 2",
        "--window 0         | --window: expected k1 of 1 or more, got 0",
        "--engine rtrl2     | --engine: expected bptt, rtrl, rtrl-layerwise, snap1, snap1-strict,"
            + " eprop, rflo, immediate, uoro, kf-rtrl, got rtrl2",
        "--engine rtrl --update-every 0 | --update-every: expected 1 step or more, got 0",
        "--update-every 2   | expected --engine with an online rule beside --update-every",
        "--engine snap1 --memory 5% | expected neither --memory, --window nor --reach beside"
            + " --engine snap1",
        "--engine snap1 --window 5 | expected neither --memory, --window nor --reach beside",
        "--engine snap1 --steps 9 | --steps: expected none beside an online engine, which has"
            + " update-every, got 9",
        "--engine snap1 --accumulate 2 | --accumulate: expected 1 with an online engine",
        "--engine snap1 --blocks 2 | --blocks: expected 1 with an online engine, got 2",
        "--engine snap1 --sampled 2 | --sampled: expected 0 with an online engine, got 2",
        "--engine snap1 --dropout 0.1 | --engine: expected a network without random masks, got",
        "--engine snap1 --cell gru_reset_before | --engine: cell gru_reset_before: expected one"
            + " that lets all pass (rtrl), as units mix",
        "--engine rflo      | --engine: expected one layer that reads numbers, for rflo, or another"
            + " rule, got 1 of tokens",
        "--wiring both      | --wiring: expected residual, tied or factored, got both",
        "--wiring tied --embedding 3 | expected an embedding of V=K=",
        "--dropout 1        | --dropout: expected a share of 0 or more and below 1 for input, got"
            + " 1",
        "--dropout x        | --dropout: expected a share, or shares of input, between,",
        "--dropout lots=0.1 | --dropout: expected a share, or shares of input, between,",
        "--dropout zoneout.c=0.1 | zoneout: expected one of the states [h] of elman, got c",
        "--optimizer adamant | --optimizer: expected sgd, adagrad, rmsprop or adam, got adamant",
        "--optimizer sgd,momentum=1 | --optimizer: expected a momentum of 0.0 or more and below"
            + " 1.0",
        "--optimizer adam,beta=1 | --optimizer: adam: expected one of [beta1, beta2, eps], got"
            + " beta",
        "--schedule sine    | --schedule: expected constant, step, exponential, cosine, linear,",
        "--schedule step,every=0 | --schedule: step: expected a whole number of 1 or more for"
            + " every",
        "--decay -1         | --decay: expected a number of 0 or more and below 1e6, got -1.0",
        "--group [,rate=2   | --group: expected a regular expression, got [",
        "--clip much        | --clip: expected a largest norm, value=NUMBER or none, got much",
        "--accumulate 0     | --accumulate: expected 1 or more, got 0",
        "--blocks 0         | --blocks: expected 1 to 65536, got 0",
        "--average mean     | --average: expected none, always or triggered, got mean",
        "--patience -1      | --patience: expected 0 or more, got -1",
        "--clip 0           | --clip: expected a finite number above 0, got 0.0",
        "--interval -1      | --interval: expected 0 or more, got -1",
        "--seed one         | Invalid value for option '--seed': 'one' is not a long",
        "--threads 0        | --threads: expected 1 to 1024, got 0",
        "--threads 100000   | --threads: expected 1 to 1024, got 100000",
        "--backend gpu      | --backend: expected one of",
        "--valid missing    | missing: expected a file, found none",
        "--out missing/m    | --out: expected a file in a folder that exists, got missing/m",
        "--out .            | --out: expected a file, got the folder .",
        "--frobnicate       | Unknown option: '--frobnicate'",
      })
  void train_withAWrongOption_namesIt(String options, String reason) throws IOException {
    List<Object> line = new ArrayList<>(List.of("train", "text", Texts.write(text(), 100)));
    line.addAll(List.of(options.split(" ")));

    assertRefused(reason, line.toArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trian                      | Unmatched argument at index 0: 'trian'",
        "train                      | Missing required subcommand",
        "train text                 | Missing required parameter: 'FILE'",
        "eval m                     | FILE: expected one or more, or --sql, got none",
        "sample                     | Missing required parameter: 'MODEL'",
        "sample m --length 0        | --length: expected 1 or more, got 0",
        "bench layer --hidden 0     | --hidden: expected H of 1 or more, got 0",
        "bench layer --seconds -1   | --seconds: expected 0 to 3600, got -1.0",
        "bench layer --steps 99999 --batch 99999 | --steps: expected T*B below 2^31",
      })
  void command_withWrongArguments_namesThem(String line, String reason) {
    assertRefused(reason, (Object[]) line.split(" "));
  }

  @Test
  void sample_withWrongOptions_namesThem() throws IOException {
    Path model = Texts.model(folder);

    assertRefused("--temperature: expected 0 or more", "sample", model, "--temperature", -1);
    assertRefused("'--temperature': expected a number", "sample", model, "--temperature", "NaN");
    assertRefused("--top-k: expected 1 or more, got 0", "sample", model, "--top-k", 0);
  }

  @Test
  void out_thatCannotBeMade_isRefusedBeforeTraining() throws IOException {
    String name = "m".repeat(240);

    assertRefused(
        "--out: expected a file that can be made",
        "train",
        "text",
        Texts.write(text(), 100),
        "--out",
        folder.resolve(name));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void out_thatIsNoModel_isNotOverwritten() throws IOException {
    Path text = Texts.write(text(), 100);
    String before = Files.readString(text);

    assertRefused(
        "--out: expected a new file, or a model to replace", "train", "text", text, "--out", text);
    assertEquals(before, Files.readString(text));
  }

  @Test
  void out_inAFolderThatCannotBeWritten_isRefused() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
    Assumptions.assumeFalse(Files.isWritable(locked), "root writes everywhere");

    assertRefused(
        "--out: expected a file in a folder that can be written to",
        "train",
        "text",
        Texts.write(text(), 100),
        "--out",
        locked.resolve("m"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "train text",
        "eval",
        "sample",
        "demo",
        "bench",
        "bench layer",
        "bench engines",
        "bench gradients",
        "bench drift",
        "bench served",
        "bench adding",
        "bench copying",
        "bench parity",
        "doctor"
      })
  void help_ofEachCommand_hasAnExample(String command) {
    String help = Cli.printed((Object[]) (command + " --help").split(" "));

    assertTrue(help.startsWith("Usage: unfold " + command), help);
    assertTrue(help.contains("Example"), help);
    assertTrue(help.contains("  unfold ") || help.contains(": unfold "), help);
    assertFalse(help.contains("${"), help);
  }

  @Test
  void help_ofTraining_tellsTheLibrarysDefaults() {
    TrainingOptions defaults = TrainingOptions.defaults();
    String help = Cli.printed("train", "text", "--help").replaceAll("\\s+", " ");

    assertTrue(help.contains("side by side (default: " + defaults.batch() + ")"), help);
    for (String name : List.of("adam", "sgd", "adagrad", "rmsprop")) {
      String rate = String.valueOf(OptimizerSpec.parse(name).defaultRate()).replaceAll("\\.0$", "");
      assertTrue(help.contains(rate + " with " + name), name);
    }
    assertTrue(help.contains("(default: " + defaults.rule().clip().text() + ")"), help);
    if (defaults.budget() instanceof Budget.Epochs epochs) {
      assertTrue(help.contains("N times (default: " + epochs.count() + ")"), help);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "train --version", "train text -V"})
  void version_ofEachCommand_isTheBuilds(String line) {
    assertEquals(
        "unfold " + Version.number() + System.lineSeparator(),
        Cli.printed((Object[]) line.split(" ")));
  }

  @Test
  void unfold_withoutArguments_listsTheCommands() {
    String help = Cli.printed();

    for (String command : List.of("train", "eval", "sample", "demo", "bench", "doctor")) {
      assertTrue(help.contains("\n  " + command + " "), help);
    }
  }

  private static void assertRefused(String reason, Object... arguments) {
    Cli cli = Cli.run(arguments);

    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().startsWith("unfold: "), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
    assertEquals("", cli.out());
  }

  private Path text() {
    return folder.resolve("text.txt");
  }
}
