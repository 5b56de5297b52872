package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.run.output.OutputFile;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/// The driver of `unfold train ... --on`: has the same command run by all workers, prints what the first printed, and
/// writes the model. Spark's log goes to the error stream.
///
/// Arguments: W, threads of each, the file of the model, and those of the command line.
public final class Submitted {
  private static final int OWN = 3;
  private static final int CHECKPOINT = 500;
  private static final int PATIENCE = 120;

  private Submitted() {}

  /// Runs, and ends the process with the exit code of the command.
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    List<String> all = List.of(arguments);
    PrintWriter out = writer(System.out);
    PrintWriter err = writer(System.err);
    int code;
    try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
      code =
          run(
              context,
              new Place(
                  Integer.parseInt(all.get(0)),
                  Integer.parseInt(all.get(1)),
                  backend(all),
                  "",
                  CHECKPOINT,
                  PATIENCE),
              Path.of(all.get(2)),
              all.subList(OWN, all.size()),
              out,
              err);
    }
    System.exit(code);
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
      PrintWriter err) {
    CommandOutcome outcome;
    try {
      outcome = Training.run(context, arguments, place, model.toString());
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
