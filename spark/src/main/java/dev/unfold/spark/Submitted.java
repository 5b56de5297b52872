package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.run.Interrupts;
import dev.unfold.run.StopRequest;
import dev.unfold.run.output.OutputFile;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/// The driver of `unfold train ... --on`: has the same command run by all workers, prints what the first prints, and
/// writes the model. Spark's log goes to the error stream.
///
/// Signals, and exit codes on its standard input ([Wishes]), ask all workers to stop as a training alone does.
///
/// Arguments: W, threads of each, the file of the model, and those of the command line.
public final class Submitted {
  /// What the exit codes 1 and 2 of the command line are told by: 101 and 102.
  static final int CODES = 100;

  private static final int OWN = 3;
  private static final int CHECKPOINT = 500;
  private static final int PATIENCE = 120;
  private static final Duration GRACE = Duration.ofSeconds(60);

  private Submitted() {}

  /// Runs, and ends the process with the exit code of the command.
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    List<String> all = List.of(arguments);
    PrintWriter out = writer(System.out);
    PrintWriter err = writer(System.err);
    StopRequest stop = new StopRequest();
    stop.listen(code -> {
      err.println("unfold: stopped before the training began");
      Wishes.endAfter(GRACE, code, err);
      System.exit(code);
    });
    Wishes.hear(System.in, stop);
    int code;
    try (Interrupts _ = Interrupts.catching(stop);
        JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
      Place place =
          new Place(
              Integer.parseInt(all.get(0)),
              Integer.parseInt(all.get(1)),
              backend(all),
              "",
              CHECKPOINT,
              PATIENCE);
      code = run(context, place, Path.of(all.get(2)), all.subList(OWN, all.size()), out, err, stop);
    } catch (Exception e) {
      // A Spark that does not start throws what it declares, and what it does not.
      err.println("unfold: " + Failure.line(e));
      code = 1;
    }
    System.exit(told(code));
  }

  /// The exit code that tells one of the command line from those of Spark, which has a 1 of its own.
  private static int told(int code) {
    return code == 1 || code == 2 ? CODES + code : code;
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  private static String backend(List<String> arguments) {
    return arguments.contains("--backend=scalar") ? "scalar" : "auto";
  }

  static int run(
      JavaSparkContext context,
      Place place,
      Path model,
      List<String> arguments,
      PrintWriter out,
      PrintWriter err,
      StopRequest stop) {
    CommandOutcome outcome;
    try (DriverLine line = new DriverLine(context.getConf(), out)) {
      Settings.check(context.sc(), place);
      stop.listen(code -> {
        line.ask(code);
        Wishes.endAfter(GRACE, code, err);
      });
      outcome = Training.run(context, arguments, place, model.toString(), line.line());
    } catch (Refusal e) {
      err.println("unfold: " + e.getMessage());
      return 2;
    } catch (RuntimeException e) {
      err.println("unfold: " + Failure.line(e));
      return 1;
    }
    out.print(outcome.out());
    out.flush();
    err.print(outcome.err());
    err.flush();
    if (outcome.model().length > 0) {
      write(model, outcome.model());
    }
    return outcome.code();
  }

  /// The folder of a run on the other machines need not be one that this machine sees.
  private static void write(Path model, byte[] file) {
    try {
      Files.createDirectories(model.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw OutputFile.refusal("out", "a folder that can be made", model, e);
    }
    AtomicFile.write(model, file);
  }
}
