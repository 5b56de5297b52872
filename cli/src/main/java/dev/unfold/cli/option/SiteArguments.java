package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.run.job.TrainingSite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options that say on which machines a training runs.
public final class SiteArguments {
  private static final String ON = "--on";
  private static final String WORKERS = "--workers";
  private static final String THREADS = "--threads";
  private static final String BLOCKS = "--blocks";
  private static final String END_OF_OPTIONS = "--";
  private static final int MOST = 4096;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = ON,
      paramLabel = "PLACE",
      description =
          "Train on a cluster, by the module unfold-spark and the Spark of SPARK_HOME:"
              + " spark://HOST:PORT, yarn, k8s://..., local[N] or local-cluster[N,CORES,MB]. All of"
              + " its machines have to see the files and the folder of --run (default: in this"
              + " process).")
  private String place;

  @Option(
      names = WORKERS,
      paramLabel = "W",
      description =
          "With --on: processes that train together, each with --threads (there 1 if nothing is"
              + " said) and its share of --blocks (default: 1).")
  private Integer workers;

  /// Whether it is to run elsewhere.
  public boolean isElsewhere() {
    if (place == null && workers != null) {
      throw new Refusal("workers", "--on beside it", "none");
    }
    return place != null;
  }

  /// Runs the same command there.
  ///
  /// @param model where the best model goes
  /// @return the exit code
  public int train(Path model) throws Exception {
    int count = workers == null ? 1 : workers;
    if (count < 1 || count > MOST) {
      throw new Refusal("workers", "1 to " + MOST, count);
    }
    List<String> arguments = arguments();
    add(arguments, THREADS, "1");
    add(arguments, BLOCKS, Integer.toString(count));
    TrainingSite.Call call =
        new TrainingSite.Call(place, count, threads(), model.toAbsolutePath(), arguments);
    return site().train(call, spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  private TrainingSite site() {
    List<TrainingSite> all =
        ServiceLoader.load(TrainingSite.class, SiteArguments.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    if (all.isEmpty()) {
      throw new Refusal("on", "unfold-spark on the module path", "none");
    }
    return all.stream()
        .filter(each -> each.has(place))
        .findFirst()
        .orElseThrow(() ->
            new Refusal(
                "on", String.join("; ", all.stream().map(TrainingSite::places).toList()), place));
  }

  private void add(List<String> arguments, String option, String value) {
    if (!spec.commandLine().getParseResult().hasMatchedOption(option)) {
      arguments.add(option + "=" + value);
    }
  }

  private int threads() {
    OptionSpec said = spec.findOption(THREADS);
    Integer value = said.getValue();
    return value == null ? 1 : value;
  }

  /// Those of this command without the ones of this class, with paths that hold in any folder.
  private List<String> arguments() {
    List<String> given = new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
    List<String> made = new ArrayList<>();
    boolean isCommand = true;
    for (int i = 0; i < given.size(); i++) {
      String argument = given.get(i);
      if (argument.equals(END_OF_OPTIONS)) {
        // More options follow these. As a whole path, none of them is taken for one.
        given.subList(i + 1, given.size()).forEach(file -> made.add(path(file)));
        break;
      }
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      OptionSpec option = spec.findOption(name);
      if (option == null) {
        // The names of the commands come first.
        isCommand &= isCommand(argument);
        made.add(isCommand ? argument : path(argument));
        continue;
      }
      isCommand = false;
      boolean isOwn = name.equals(ON) || name.equals(WORKERS);
      boolean takesNext = equals < 0 && option.arity().min() > 0;
      String value = takesNext ? given.get(i + 1) : argument.substring(equals + 1);
      i += takesNext ? 1 : 0;
      if (!isOwn && (takesNext || equals >= 0)) {
        made.add(name + "=" + (isPath(option) ? path(value) : value));
      } else if (!isOwn) {
        made.add(argument);
      }
    }
    return made;
  }

  private boolean isCommand(String argument) {
    for (CommandSpec each = spec; each != null; each = each.parent()) {
      if (each.names().contains(argument)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPath(ArgSpec argument) {
    return Arrays.asList(argument.auxiliaryTypes()).contains(Path.class);
  }

  private static String path(String text) {
    if (text.equals("-")) {
      throw new Refusal("on", "files beside it", "standard input");
    }
    return Path.of(text).toAbsolutePath().toString();
  }
}
