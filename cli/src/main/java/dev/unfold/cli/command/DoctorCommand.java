package dev.unfold.cli.command;

import com.sun.management.OperatingSystemMXBean;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Version;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `unfold doctor`
@Command(
    name = "doctor",
    description = "Tells what Unfold runs on, which backend computes, and why not another.",
    footer = "Example: unfold doctor")
public final class DoctorCommand implements Runnable {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  @Spec private CommandSpec spec;

  @Mixin private JsonOption json;

  private record Candidate(String name, boolean chosen, boolean runs, String reason) {}

  private record Findings(
      String version,
      String java,
      String vendor,
      String javaHome,
      String system,
      int processors,
      long machineBytes,
      long heapBytes,
      boolean vectorModule,
      String backend,
      String description,
      List<Candidate> backends) {}

  @Override
  public void run() {
    Findings findings = examine();
    PrintWriter out = spec.commandLine().getOut();
    if (json.isAsked()) {
      Json.print(out, findings);
    } else {
      print(findings, out);
    }
  }

  private static Findings examine() {
    Backends.Choice choice = Backends.choose(Precision.FLOAT);
    String chosen = choice.kernels().name();
    return new Findings(
        Version.number(),
        Runtime.version().toString(),
        System.getProperty("java.vendor"),
        System.getProperty("java.home"),
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
        Runtime.getRuntime().maxMemory(),
        ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent(),
        chosen,
        choice.kernels().description(),
        choice.verdicts().stream().map(verdict -> candidate(verdict, chosen)).toList());
  }

  private static Candidate candidate(Backends.Verdict verdict, String chosen) {
    boolean isChosen = verdict.name().equals(chosen);
    String reason =
        isChosen
            ? "the best that runs here"
            : verdict.refusal().orElse("runs here; not chosen, since " + chosen + " is faster");
    return new Candidate(verdict.name(), isChosen, verdict.refusal().isEmpty(), reason);
  }

  private static void print(Findings findings, PrintWriter out) {
    out.printf("unfold     %s%n", findings.version);
    out.printf("java       %s, %s, %s%n", findings.java, findings.vendor, findings.javaHome);
    out.printf(
        "system     %s, %s%n", findings.system, Wording.count(findings.processors, "processor"));
    out.printf(
        "memory     machine %s; heap at most %s, and outside of it as much (-Xmx changes both)%n",
        Wording.bytes(findings.machineBytes), Wording.bytes(findings.heapBytes));
    out.printf("backend    %s: %s%n", findings.backend, findings.description);
    for (Candidate candidate : findings.backends) {
      out.printf(
          "           %s %s: %s%n", candidate.chosen ? "+" : "-", candidate.name, candidate.reason);
    }
    out.printf(
        "vector API %s%n",
        findings.vectorModule
            ? "module " + VECTOR_MODULE + " is there"
            : "module missing: start Java with --add-modules " + VECTOR_MODULE);
    out.flush();
  }
}
