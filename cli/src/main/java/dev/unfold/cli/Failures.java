package dev.unfold.cli;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.run.job.Attempt;
import dev.unfold.run.output.FailureException;
import dev.unfold.train.WorkerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what goes wrong into one line on the error stream and an exit code: 2 if the user gave something
/// that cannot be used, 1 for everything else.
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private static final String TRACE = "UNFOLD_TRACE";
  private static final int LONGEST = 1000;

  private boolean isInVain;

  /// Whether what went wrong would do so again at another attempt.
  boolean isInVain() {
    return isInVain;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine commandLine = e.getCommandLine();
    StringBuilder line = new StringBuilder(oneLine(e.getMessage()));
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> similar = unmatched.getSuggestions();
      if (!similar.isEmpty()) {
        line.append("; did you mean ").append(String.join(" or ", similar)).append('?');
      }
    }
    isInVain = true;
    String command = commandLine.getCommandSpec().qualifiedName();
    line.append("; see ").append(command).append(" --help");
    return report(commandLine.getErr(), line.toString(), e, ExitCode.USAGE);
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult result) {
    PrintWriter err = commandLine.getErr();
    isInVain = Attempt.isInVain(e);
    return switch (e) {
      case Refusal refusal -> report(err, byOption(commandLine, refusal), e, ExitCode.USAGE);
      case IllegalArgumentException _ -> report(err, e.getMessage(), e, ExitCode.USAGE);
      case WriteException _ -> report(err, e.getMessage(), e, ExitCode.SOFTWARE);
      case DataException _, FormatException _ -> report(err, e.getMessage(), e, ExitCode.USAGE);
      case FailureException _, WorkerException _ ->
          report(err, e.getMessage(), e, ExitCode.SOFTWARE);
      case IOException _, UncheckedIOException _ -> report(err, e.toString(), e, ExitCode.SOFTWARE);
      default ->
          report(
              err, "unexpected error, please report it: " + e + traceHint(), e, ExitCode.SOFTWARE);
    };
  }

  int outOfMemory(OutOfMemoryError e, PrintWriter err) {
    isInVain = true;
    return report(
        err,
        "not enough memory ("
            + e.getMessage()
            + "): reduce hidden, batch or steps, or give Java more, for example by"
            + " JDK_JAVA_OPTIONS='-Xmx8g -XX:MaxDirectMemorySize=8g'",
        e,
        ExitCode.USAGE);
  }

  int broken(Error e, PrintWriter err) {
    String cause = e.getCause() == null ? "" : ": " + e.getCause();
    return report(
        err, "expected all classes to be there and sound, got " + e + cause, e, ExitCode.SOFTWARE);
  }

  /// What the libraries call `hidden` is the option `--hidden` here, if the command has one of that name.
  private static String byOption(CommandLine commandLine, Refusal refusal) {
    String option = "--" + refusal.argument();
    return commandLine.getCommandSpec().findOption(option) == null
        ? refusal.getMessage()
        : refusal.withName(option);
  }

  private static int report(PrintWriter err, String message, Throwable cause, int exitCode) {
    if (tracing()) {
      cause.printStackTrace(err);
    }
    tell(err, String.valueOf(message));
    return exitCode;
  }

  /// Tells people something in one line on the error stream.
  static void tell(PrintWriter err, String message) {
    err.println("unfold: " + oneLine(message));
    err.flush();
  }

  /// One line that a terminal shows as it is: a message may quote a file's name or content, and those may hold
  /// anything.
  private static String oneLine(String message) {
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{C}", "?");
    if (line.endsWith(" got")) {
      // What came was empty.
      return line + " nothing";
    }
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
  }

  private static boolean tracing() {
    return System.getenv(TRACE) != null;
  }

  private static String traceHint() {
    return tracing() ? "" : " (" + TRACE + "=1 shows where)";
  }
}
