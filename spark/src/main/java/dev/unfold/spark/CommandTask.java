package dev.unfold.spark;

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
import org.apache.spark.BarrierTaskContext;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/// Runs a command of the command line in company.
final class CommandTask extends AbstractFunction1<Iterator<Integer>, Iterator<byte[]>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  /// How the others are told that to try again would be in vain.
  private static final String IN_VAIN = "cannot be used: ";

  private static final int REFUSED = 2;

  private final ArrayList<String> arguments;
  private final Place place;
  private final byte[] secret;
  private final String shown;

  /// @param shown what the model's file is called on the user's machine
  CommandTask(List<String> arguments, Place place, byte[] secret, String shown) {
    this.shown = shown;
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
    Path model = Files.createTempFile("unfold-", ".safetensors");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    try (Ring ring = Rendezvous.join(context, secret, Duration.ofSeconds(place.patience()))) {
      Files.delete(model);
      Company company =
          new Company(ring, context.stageAttemptNumber(), model, context::killTaskIfInterrupted);
      int code =
          company.call(() ->
              program()
                  .run(
                      new PrintWriter(out),
                      new PrintWriter(err),
                      arguments.toArray(String[]::new)));
      String said = err.toString();
      if (code == REFUSED) {
        ring.fail(IN_VAIN + said.strip());
      } else if (code != 0 && !said.contains(IN_VAIN)) {
        ring.fail(said.strip());
        throw new IllegalStateException(said.strip());
      }
      boolean isTold = company.isFirst() || code == REFUSED;
      return isTold
          ? List.of(
              new CommandOutcome(
                  code,
                  out.toString().replace(model.toString(), shown),
                  said.replace(model.toString(), shown),
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
