package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.train.data.Windows;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Schedule;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Member;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// The help of every command, as picocli makes it.
final class HelpTest {
  static Stream<String> commands() {
    return below(Main.commandLine())
        .map(command -> command.getCommandSpec().qualifiedName().replaceFirst("^unfold ?", ""));
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return Stream.concat(
        Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::below));
  }

  private static Stream<String> groups() {
    return commands().filter(name -> !subcommands(name).isEmpty());
  }

  private static List<String> subcommands(String name) {
    CommandLine command = Main.commandLine();
    for (String word : words(name)) {
      command = command.getSubcommands().get(word);
    }
    return List.copyOf(command.getSubcommands().keySet());
  }

  private static List<String> words(String name) {
    return Stream.of(name.split(" ")).filter(word -> !word.isEmpty()).toList();
  }

  /// A percent sign that is not written twice in a description makes picocli print warnings on the error stream of the
  /// process.
  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEveryCommand_isAllThatIsPrinted(String name) {
    PrintStream before = System.err;
    ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    Cli cli;
    try {
      System.setErr(new PrintStream(complaints, true, StandardCharsets.UTF_8));
      cli = Cli.run(Stream.concat(words(name).stream(), Stream.of("--help")).toArray());
    } finally {
      System.setErr(before);
    }

    assertEquals("", complaints.toString(StandardCharsets.UTF_8));
    assertEquals(List.of(), cli.err());
    assertEquals(0, cli.exitCode());
    assertTrue(cli.out().startsWith("Usage: " + ("unfold " + name).strip()), cli.out());
    for (String raw : List.of("WARN", "${", "%%", "%n")) {
      assertFalse(cli.out().contains(raw), raw + " in " + cli.out());
    }
  }

  private static Stream<OptionSpec> options() {
    return below(Main.commandLine())
        .flatMap(command -> command.getCommandSpec().options().stream());
  }

  /// How picocli writes that there is no default.
  private static final Set<String> NOTHING = Set.of("null", "[]");

  /// These say in words what is done without them.
  private static final Set<String> IN_WORDS = Set.of("--init", "--prompt");

  @Test
  void default_ofEveryOption_isStatedInItsHelp() {
    Set<String> others = new TreeSet<>();
    options()
        .filter(option -> option.arity().max() > 0 && !IN_WORDS.contains(option.longestName()))
        .filter(option -> !NOTHING.contains(option.defaultValueString()))
        .filter(option -> !stated(option).contains("default: " + option.defaultValueString()))
        .forEach(option -> others.add(option.longestName() + ": " + stated(option)));

    assertEquals(Set.of(), others);
  }

  private static String stated(OptionSpec option) {
    return String.join(" ", option.description()).replaceAll("\\s+", " ");
  }

  /// Options of one name that mean another thing in another command, by the classes that define them.
  private static final Map<String, Set<String>> SEVERAL =
      Map.ofEntries(
          Map.entry("--batches", Set.of("InspectCommand", "BenchGradientsCommand")),
          Map.entry("--by", Set.of("SeriesArguments", "TrainClassifyCommand")),
          Map.entry("--check", Set.of("ExportCommand", "ImportCommand", "BenchLoadCommand")),
          Map.entry("--data", Set.of("InspectCommand", "CompareCommand")),
          Map.entry("--embedding", Set.of("TrainTextCommand", "WordArguments")),
          Map.entry("--known", Set.of("PanelArguments", "HistoryArguments")),
          Map.entry(
              "--length",
              Set.of(
                  "SampleCommand",
                  "BenchAddingCommand",
                  "BenchGradientsCommand",
                  "BenchParityCommand")),
          Map.entry("--memory", Set.of("TrainingArguments", "BenchEnginesCommand")),
          Map.entry("--min-count", Set.of("TrainTextCommand", "WordArguments")),
          Map.entry("--minutes", Set.of("TrainingArguments", "DemoCommand")),
          Map.entry(
              "--out",
              Set.of(
                  "CompressCommand",
                  "RunArguments",
                  "InspectCommand",
                  "ForecastCommand",
                  "DetectCommand",
                  "ExportCommand",
                  "ImportCommand")),
          Map.entry(
              "--seconds", Set.of("BenchLayerCommand", "BenchLoadCommand", "BenchSessionsCommand")),
          Map.entry("--sessions", Set.of("BenchLoadCommand", "BenchSessionsCommand")),
          Map.entry("--state", Set.of("ForecastArguments", "DetectCommand")),
          Map.entry(
              "--steps",
              Set.of("StepsOption", "TrainTextCommand", "InspectCommand", "BenchEnginesCommand")),
          Map.entry("--svg", Set.of("InspectCommand", "SvgOption")),
          Map.entry("--time", Set.of("SeriesArguments", "TrainClassifyCommand")),
          Map.entry("--tokens", Set.of("DriftArguments", "BenchSessionsCommand")),
          Map.entry("--unit", Set.of("TrainTextCommand", "ImportCommand")),
          Map.entry("--valid", Set.of("LabelArguments", "TrainTextCommand", "TrainSetsCommand")),
          Map.entry("--validate", Set.of("ForecastArguments", "LabelArguments")),
          Map.entry("--weights", Set.of("CompressCommand", "WeightsOption")),
          Map.entry("--window", Set.of("TrainingArguments", "BenchEnginesCommand")));

  @Test
  void option_ofSeveralCommands_isDefinedOnce() {
    Map<String, Set<String>> places = new TreeMap<>();
    options()
        .filter(option -> option.userObject() instanceof Member)
        .forEach(option ->
            places
                .computeIfAbsent(option.longestName(), _ -> new TreeSet<>())
                .add(((Member) option.userObject()).getDeclaringClass().getSimpleName()));

    assertTrue(places.size() > 40, "options found: " + places.keySet());
    places.values().removeIf(classes -> classes.size() == 1);
    assertEquals(new TreeMap<>(SEVERAL), places);
  }

  /// The numbers that a clause has in the help are those that it has without them.
  @Test
  void defaults_ofClauses_areThoseThatTheHelpStates() {
    String help = Cli.printed("train", "text", "--help").replaceAll(",\\s+", ",");
    Matcher clause = Pattern.compile("([a-z-]+),((?:[a-z]+=[0-9.]+,?)+)").matcher(help);
    Set<String> names = new TreeSet<>();
    while (clause.find()) {
      String name = clause.group(1);
      String whole = clause.group().replaceAll(",$", "");
      switch (name) {
        case "sgd", "orthogonal" -> {
          // Examples, not defaults.
        }
        case "always", "triggered" ->
            assertEquals(Averaging.parse(name), Averaging.parse(whole), whole);
        default -> assertEquals(Schedule.parse(name), Schedule.parse(whole), whole);
      }
      names.add(name);
    }
    Matcher most = Pattern.compile("most=T \\((\\d+)\\)").matcher(help);

    assertEquals(
        "[always, cosine, exponential, halve, linear, one-cycle, orthogonal, plateau, sgd, step,"
            + " triggered]",
        names.toString());
    assertTrue(most.find(), help);
    assertEquals(most.group(1), Integer.toString(Windows.parse("auto:0.1").most()));
  }

  @ParameterizedTest
  @MethodSource("groups")
  void synopsis_ofACommandWithCommands_namesThem(String name) {
    String synopsis = Cli.printed(Stream.concat(words(name).stream(), Stream.of("-h")).toArray());

    String first = synopsis.lines().findFirst().orElseThrow();
    String names = String.join("|", subcommands(name));
    // More would be broken within a word; they stand in the list below.
    String label = names.length() > 72 ? "COMMAND" : names;
    assertTrue(first.endsWith(" " + (name.isEmpty() ? "[COMMAND]" : label)), first);
  }
}
