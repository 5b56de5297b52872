package dev.unfold.serve;

import dev.unfold.argument.ModuleCommand;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.run.Interrupts;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.model.ModelSettings;
import dev.unfold.serve.model.Models;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;

/// `unfold serve`
public final class ServeCommand implements ModuleCommand {
  static final String SUMMARY =
      "Serves models over HTTP: a state for each session, text as it is written.";

  /// For the service loader.
  public ServeCommand() {}

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String summary() {
    return SUMMARY;
  }

  @Override
  public int run(List<String> arguments, PrintWriter out, PrintWriter err) throws Exception {
    ServeOptions options = new ServeOptions();
    CommandLine commandLine = new CommandLine(options).setOut(out).setErr(err);
    commandLine.parseArgs(arguments.toArray(String[]::new));
    if (commandLine.isUsageHelpRequested()) {
      commandLine.usage(out);
      return 0;
    }
    try {
      return serve(options, err);
    } catch (Refusal e) {
      String option = "--" + e.argument();
      throw commandLine.getCommandSpec().findOption(option) == null ? e : e.renamed(option);
    }
  }

  private static int serve(ServeOptions options, PrintWriter err) throws InterruptedException {
    ModelSettings settings =
        new ModelSettings(
            Backends.best(Precision.FLOAT), SessionOptions.defaults(), InstantSource.system());
    CountDownLatch end = new CountDownLatch(1);
    try (Interrupts interrupts = Interrupts.catching(end::countDown);
        Served _ =
            Served.start(
                Models.load(options.models(), settings),
                options.host(),
                options.port(),
                Limits.defaults())) {
      err.println("unfold: http://" + options.host() + ":" + options.port());
      err.flush();
      end.await();
      return interrupts.exitCode();
    }
  }
}
