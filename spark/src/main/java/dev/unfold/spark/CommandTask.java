package dev.unfold.spark;

import dev.unfold.run.Interrupts;
import dev.unfold.run.StopRequest;
import dev.unfold.run.job.CommandProgram;
import dev.unfold.run.job.Company;
import dev.unfold.run.ring.Ring;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/// Runs a command of the command line in company.
final class CommandTask extends AbstractFunction1<Iterator<Integer>, Iterator<byte[]>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  /// What Spark calls an executor in the driver's own process.
  private static final String LOCAL = "driver";

  private static final int FAILED = 1;
  private static final int REFUSED = 2;

  /// Whether signals are left to the driver, in this process.
  private static final AtomicBoolean UNDISTURBED = new AtomicBoolean();

  private final ArrayList<String> arguments;
  private final Place place;
  private final byte[] secret;
  private final String shown;
  private final Line line;

  /// @param shown what the model's file is called on the user's machine
  /// @param line to the driver
  CommandTask(List<String> arguments, Place place, byte[] secret, String shown, Line line) {
    this.shown = shown;
    this.line = line;
    this.arguments = new ArrayList<>(arguments);
    this.place = place;
    this.secret = secret.clone();
  }

  @Override
  public Iterator<byte[]> apply(Iterator<Integer> ranks) {
    try {
      List<CommandOutcome> outcomes = run(BarrierTaskContext.get());
      return CollectionConverters.asScala(outcomes.stream().map(Parcel::of).iterator());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private List<CommandOutcome> run(BarrierTaskContext context) throws Exception {
    Locale.setDefault(Locale.ROOT);
    if (!SparkEnv.get().executorId().equals(LOCAL) && UNDISTURBED.compareAndSet(false, true)) {
      Interrupts.leaveToOthers();
    }
    Path model = Files.createTempFile("unfold-", ".safetensors");
    UnaryOperator<String> told = text -> text.replace(model.toString(), shown);
    StringWriter err = new StringWriter();
    try (Ring ring = Rendezvous.join(context, secret, Duration.ofSeconds(place.patience()));
        WorkerLine out = new WorkerLine(told)) {
      Files.delete(model);
      StopRequest stop = new StopRequest();
      Company company =
          new Company(
              ring, context.stageAttemptNumber(), model, context::killTaskIfInterrupted, stop);
      if (company.isFirst()) {
        out.connect(line, stop);
      }
      CommandProgram.Ended ended =
          company.call(() ->
              program()
                  .run(
                      new PrintWriter(out),
                      new PrintWriter(err),
                      arguments.toArray(String[]::new)));
      String said = err.toString();
      if (ended.isInVain()) {
        ring.refuse(said.strip());
      } else if (ended.code() == FAILED) {
        ring.fail(said.strip());
        throw new IllegalStateException(said.strip());
      }
      return company.isFirst() || ended.code() == REFUSED
          ? List.of(
              new CommandOutcome(
                  ended.code(),
                  out.rest(),
                  told.apply(said),
                  Files.exists(model) ? Files.readAllBytes(model) : new byte[0]))
          : List.of();
    } finally {
      Files.deleteIfExists(model);
    }
  }

  /// The command line of this process, which came with the jars.
  private static CommandProgram program() {
    return ServiceLoader.load(CommandProgram.class, CommandTask.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("--on: expected unfold-cli among the jars, got none"));
  }
}
