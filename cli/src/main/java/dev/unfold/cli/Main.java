package dev.unfold.cli;

import dev.unfold.argument.ModuleCommand;
import dev.unfold.cli.option.ConfigFile;
import dev.unfold.cli.option.DecimalConverter;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Version;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The `unfold` command.
@Command(
    name = "unfold",
    description = "Recurrent neural networks, trained by exact back-propagation through time.",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    versionProvider = Main.VersionLine.class,
    footerHeading = "%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:done",
      " 1:failed",
      " 2:the arguments or what they name cannot be used",
      "130:stopped by Ctrl-C"
    })
public final class Main implements Runnable {
  /// Alone, these need none of the commands, and reading their annotations takes more than half of such a run.
  private static final Set<String> VERSION = Set.of("--version", "-V");

  /// Commands whose module may be absent, and the artifact that brings each: whoever calls one without it is told.
  private static final Map<String, String> ARTIFACTS = Map.of("serve", "unfold-serve");

  @Spec private CommandSpec spec;

  private Main() {}

  /// What `--version` prints.
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Version.line()};
    }
  }

  /// Runs the command line and exits with its exit code.
  public static void main(String[] args) {
    // Numbers look the same for everybody, and as in JSON.
    Locale.setDefault(Locale.ROOT);
    // A library that reads files of Keras would tell on the console that nobody takes its log.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.exit(run(utf8(FileDescriptor.out), utf8(FileDescriptor.err), args));
  }

  /// Runs the command line and returns its exit code.
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(new Failures(), out, err, args);
  }

  /// The same.
  ///
  /// @param failures is told what goes wrong
  static int run(Failures failures, PrintWriter out, PrintWriter err, String... args) {
    ServiceLoader<ModuleCommand> modules =
        ServiceLoader.load(ModuleCommand.class, Main.class.getClassLoader());
    return run(modules, ARTIFACTS, failures, out, err, args);
  }

  /// The same with the commands of these modules.
  static int run(
      ServiceLoader<ModuleCommand> modules,
      Map<String, String> artifacts,
      PrintWriter out,
      PrintWriter err,
      String... args) {
    return run(modules, artifacts, new Failures(), out, err, args);
  }

  private static int run(
      ServiceLoader<ModuleCommand> modules,
      Map<String, String> artifacts,
      Failures failures,
      PrintWriter out,
      PrintWriter err,
      String... args) {
    if (VERSION.contains(String.join(" ", args))) {
      out.println(Version.line());
      out.flush();
      return 0;
    }
    String first = args.length == 0 ? "" : args[0];
    CommandLine commandLine = commandLine(args);
    commandLine
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures);
    try {
      Set<String> own = commandLine.getSubcommands().keySet();
      if (!own.contains(first)) {
        ModuleCommands others = new ModuleCommands(modules, own, artifacts);
        if (first.isEmpty() || first.startsWith("-")) {
          others.unusable().forEach(line -> Failures.tell(err, line));
        } else {
          Optional<ModuleCommand> other = others.find(first);
          if (other.isPresent()) {
            return run(other.get(), List.of(args).subList(1, args.length), out, err);
          }
        }
        others.list(commandLine);
      }
      return commandLine.execute(ConfigFile.expand(commandLine, args));
    } catch (ParameterException e) {
      return failures.handleParseException(e, args);
    } catch (OutOfMemoryError e) {
      return failures.outOfMemory(e, err);
    } catch (LinkageError | ServiceConfigurationError | StackOverflowError e) {
      return failures.broken(e, err);
    } catch (Exception e) {
      return failures.handleExecutionException(e, commandLine, null);
    } finally {
      out.flush();
    }
  }

  private static int run(
      ModuleCommand command, List<String> arguments, PrintWriter out, PrintWriter err)
      throws Exception {
    try {
      return command.run(arguments, out, err);
    } catch (LinkageError e) {
      throw new FailureException(
          command.name() + ": expected all that its module needs, got " + e, e);
    }
  }

  /// All commands, as for a reference of them.
  public static CommandLine commandLine() {
    return commandLine(new String[0]);
  }

  private static CommandLine commandLine(String... args) {
    return CommandTree.below(new CommandLine(new Main()), args)
        .registerConverter(Double.class, new DecimalConverter())
        .registerConverter(double.class, new DecimalConverter());
  }

  /// UTF-8 whatever the locale: it is what other programs expect of text and JSON.
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
