package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// Every option of every command that takes numbers refuses what it has no use for: in one line, with code 2, before
/// anything is printed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NumericOptionsTest {
  private static final Set<Class<?>> WHOLE =
      Set.of(int.class, Integer.class, long.class, Long.class);
  private static final Set<Class<?>> REAL = Set.of(double.class, Double.class);

  /// Options with numbers that picocli sees as text, and what they have to be.
  private static final Set<String> NUMBERS_AS_TEXT = Set.of("--steps", "--memory");

  /// No number, or none that can be held.
  private static final List<String> NONE = List.of("", "NaN", "Infinity", "1e400", "1f");

  /// Where 0 means something.
  private static final Set<String> ZERO =
      Set.of(
          "--decay",
          "--errors",
          "--holdout",
          "--interval",
          "--learn-margin",
          "--patience",
          "--vector-words",
          "--sampled",
          "--seconds",
          "--seed",
          "--temperature",
          "--threshold",
          "--updates",
          "--watch");

  /// Where numbers below 0 are no matter of this test.
  private static final Set<String> ANY = Set.of("--seed");

  /// Where there is no upper end, so that 2^31 - 1 is only much.
  private static final Set<String> ENDLESS =
      Set.of(
          "--accumulate",
          "--batches",
          "--checkpoint",
          "--decay",
          "--draws",
          "--epochs",
          "--errors",
          "--folds",
          "--interval",
          "--length",
          "--paths",
          "--ahead",
          "--max-words",
          "--season",
          "--stride",
          "--min-count",
          "--minutes",
          "--patience",
          "--reach",
          "--refit",
          "--repetitions",
          "--sampled",
          "--seed",
          "--temperature",
          "--tolerance",
          "--top",
          "--top-k",
          "--trained",
          "--updates",
          "--vector-words",
          "--watch",
          "--window",
          "--batch",
          "--lr",
          "--seconds");

  @TempDir private static Path folder;
  private static final CommandLine COMMANDS = Main.commandLine();
  private final Map<String, List<String>> positional = new LinkedHashMap<>();
  private Map<String, String> sizes = Map.of();

  @BeforeAll
  void write() throws IOException {
    String text = Texts.write(folder.resolve("text.txt"), 100).toString();
    String sets = Files.writeString(folder.resolve("sets.txt"), "0 1,2 -\n1 2\n").toString();
    String model = Texts.model(folder).toString();
    positional.put("unfold train text", List.of(text, "--out", folder.resolve("t").toString()));
    positional.put(
        "unfold train sets",
        List.of(sets, "--valid", sets, "--out", folder.resolve("s").toString()));
    String labelled =
        Files.writeString(folder.resolve("labelled.txt"), "a one\nb two\na one\nb two\n")
            .toString();
    String classifier = folder.resolve("c").toString();
    positional.put(
        "unfold train classify", List.of(labelled, "--out", folder.resolve("c2").toString()));
    positional.put(
        "unfold train tags",
        List.of(labelled, "--valid", labelled, "--out", folder.resolve("t2").toString()));
    Cli.printed(
        "train",
        "classify",
        labelled,
        "--epochs",
        1,
        "--hidden",
        2,
        "--threads",
        1,
        "--out",
        classifier);
    positional.put("unfold predict", List.of(classifier, labelled));
    positional.put("unfold eval", List.of(model, text));
    positional.put("unfold sample", List.of(model));
    positional.put("unfold inspect", List.of(model, "--data", text));
    String table = Files.writeString(folder.resolve("table.csv"), "a,b\n1,2\n3,4\n").toString();
    positional.put("unfold look", List.of(table));
    StringBuilder days = new StringBuilder("day,y\n");
    for (int day = 1; day <= 30; day++) {
      days.append("2024-01-%02d,%d%n".formatted(day, day % 7));
    }
    String series = Files.writeString(folder.resolve("days.csv"), days).toString();
    String forecaster = folder.resolve("f").toString();
    Cli.printed(
        "train",
        "series",
        series,
        "--target",
        "y",
        "--horizon",
        1,
        "--epochs",
        1,
        "--hidden",
        4,
        "--out",
        forecaster);
    positional.put(
        "unfold train series",
        List.of(series, "--target", "y", "--out", folder.resolve("n").toString()));
    positional.put("unfold backtest", List.of(series, "--target", "y"));
    positional.put("unfold forecast", List.of(forecaster, series));
    positional.put("unfold detect", List.of(forecaster, series, "--alarms", "1/week"));
    positional.put(
        "unfold export",
        List.of(model, "--to", "onnx", "--out", folder.resolve("m.onnx").toString()));
    positional.put("unfold import", List.of(model, "--out", folder.resolve("i").toString()));
    positional.put("unfold compare", List.of(model, model));
    positional.put("unfold compress", List.of(model, "--out", model + ".small"));
    positional.put("unfold gradcheck", List.of("elman"));
    positional.put("unfold demo", List.of());
    positional.put("unfold bench layer", List.of());
    positional.put("unfold bench engines", List.of());
    positional.put("unfold bench gradients", List.of("--rules", "immediate"));
    positional.put("unfold bench drift", List.of("--rules", "none"));
    positional.put("unfold bench served", List.of());
    positional.put("unfold bench adding", List.of());
    positional.put("unfold bench copying", List.of());
    positional.put("unfold bench parity", List.of());
    positional.put("unfold bench flow", List.of());
    positional.put("unfold bench sessions", List.of());
    // Nobody listens there.
    positional.put("unfold bench load", List.of("http://127.0.0.1:9"));
    positional.put("unfold bench train", List.of(series, "--target", "y"));
    // Whatever is taken by mistake ends soon.
    sizes =
        Map.of(
            "--hidden",
            "4",
            "--batch",
            "2",
            "--epochs",
            "1",
            "--threads",
            "1",
            "--horizon",
            "1",
            "--tokens",
            "800",
            "--trained",
            "1");
  }

  record Numbers(String command, String option, boolean whole) {
    @Override
    public String toString() {
      return command + " " + option;
    }
  }

  static Stream<Numbers> options() {
    return leaves(COMMANDS)
        .flatMap(command ->
            command.getCommandSpec().options().stream()
                .filter(NumericOptionsTest::isNumeric)
                .map(option ->
                    new Numbers(
                        command.getCommandSpec().qualifiedName(),
                        option.longestName(),
                        !REAL.contains(option.type()))));
  }

  private static boolean isNumeric(OptionSpec option) {
    return WHOLE.contains(option.type())
        || REAL.contains(option.type())
        || NUMBERS_AS_TEXT.contains(option.longestName());
  }

  private static Stream<CommandLine> leaves(CommandLine command) {
    return command.getSubcommands().isEmpty()
        ? Stream.of(command)
        : command.getSubcommands().values().stream().flatMap(NumericOptionsTest::leaves);
  }

  @ParameterizedTest
  @MethodSource("options")
  void number_thatIsNone_isRefused(Numbers numbers) {
    for (String value : NONE) {
      assertRefused(numbers, value);
    }
    if (numbers.whole && !numbers.option.equals("--memory")) {
      assertRefused(numbers, "99999999999999999999");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void number_belowTheRange_isRefused(Numbers numbers) {
    if (!ANY.contains(numbers.option)) {
      assertRefused(numbers, "-1");
    }
    if (!ZERO.contains(numbers.option) && !ANY.contains(numbers.option)) {
      assertRefused(numbers, "0");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void number_aboveTheRange_isRefused(Numbers numbers) {
    if (!ENDLESS.contains(numbers.option) && !numbers.option.equals("--memory")) {
      assertRefused(numbers, Integer.toString(Integer.MAX_VALUE));
    }
  }

  /// Two numbers that are each in order, whose product is not.
  @Test
  void numbers_whoseProductIsTooLarge_areRefused() {
    for (String command :
        List.of(
            "bench adding",
            "bench copying",
            "bench parity",
            "bench engines",
            "bench gradients",
            "bench flow",
            "bench layer")) {
      String length =
          List.of("adding", "parity", "gradients").stream().anyMatch(command::endsWith)
              ? "--length"
              : command.endsWith("copying") ? "--delay" : "--steps";
      String line = command + " " + length + " 99999 --batch 99999";
      assertOneLine(Cli.run((Object[]) line.split(" ")), line);
    }
  }

  @Test
  void commands_ofThisTest_areAll() {
    Set<String> all = new TreeSet<>();
    leaves(COMMANDS)
        .map(command -> command.getCommandSpec().qualifiedName())
        .filter(name -> !name.equals("unfold doctor"))
        .forEach(all::add);

    assertEquals(all, new TreeSet<>(positional.keySet()));
  }

  private void assertRefused(Numbers numbers, String value) {
    List<Object> line = new ArrayList<>(List.of(numbers.command.split(" ", -1)));
    line.removeFirst();
    line.addAll(positional.get(numbers.command));
    CommandLine command = COMMANDS;
    for (String word : numbers.command.split(" ", -1)) {
      command = word.equals("unfold") ? command : command.getSubcommands().get(word);
    }
    for (Map.Entry<String, String> size : sizes.entrySet()) {
      if (!size.getKey().equals(numbers.option)
          && command.getCommandSpec().findOption(size.getKey()) != null) {
        line.add(size.getKey() + "=" + size.getValue());
      }
    }
    line.add(numbers.option + "=" + value);
    assertOneLine(Cli.run(line.toArray()), numbers + "=" + value);
  }

  private static void assertOneLine(Cli cli, String line) {
    assertEquals(2, cli.exitCode(), () -> line + ": " + cli);
    assertEquals(1, cli.err().size(), () -> line + ": " + cli);
    assertFalse(cli.err().getFirst().contains("unexpected"), () -> line + ": " + cli);
    assertTrue(
        Stream.of("expected ", "is not a", "not enough memory")
            .anyMatch(cli.err().getFirst()::contains),
        () -> line + ": " + cli);
    assertEquals("", cli.out(), line);
  }
}
