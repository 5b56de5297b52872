package dev.unfold.serve;

import dev.unfold.argument.ModuleCommand;
import dev.unfold.argument.Refusal;
import dev.unfold.run.Interrupts;
import dev.unfold.run.session.SessionException;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.model.ModelSettings;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.watch.RequestLog;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;

/// `unfold serve`
public final class ServeCommand implements ModuleCommand {
  static final String SUMMARY =
      "Serves models over HTTP: a state for each session, text as it is written.";

  /// 128 and the number of SIGTERM.
  private static final int TERMINATED = 143;

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
    } catch (SessionException e) {
      throw new Refusal("--store", "a folder that sessions can be kept in", e.getMessage(), e);
    }
  }

  private static int serve(ServeOptions options, PrintWriter err) throws InterruptedException {
    InstantSource clock = InstantSource.system();
    Listening where = options.listening();
    ModelSettings settings = options.settings(err, clock);
    CountDownLatch end = new CountDownLatch(1);
    try (Interrupts interrupts = Interrupts.catching(end::countDown);
        RequestLog log = options.log(err, clock)) {
      Models models = Models.load(options.models(), settings);
      try (Served served = Served.start(models, where, log, options.sweep())) {
        err.println(Greeting.of(where, served.port(), models));
        err.flush();
        end.await();
      } catch (RuntimeException | Error e) {
        // They are closed twice where a server was there, which does no harm.
        models.close();
        throw e;
      }
      // Who asks a process to end has not stopped it half-way.
      return interrupts.exitCode() == TERMINATED ? 0 : interrupts.exitCode();
    }
  }
}
