package dev.unfold.cli.option;

import dev.unfold.run.output.HtmlPage;
import dev.unfold.run.output.OutputFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The option that asks for a page about how good a model is.
public final class ReportOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--report",
      paramLabel = "PAGE",
      description =
          "Write a page for a browser about how good the model is, which needs nothing else.")
  private Path page;

  /// The file, if one is asked for; checked.
  public Optional<Path> file() {
    if (page != null) {
      OutputFile.checkKind("report", page, HtmlPage.START);
    }
    return Optional.ofNullable(page);
  }

  /// The command as it was typed, without the secrets of a database's address.
  public String command() {
    List<String> typed = spec.root().commandLine().getParseResult().originalArgs();
    List<String> words =
        typed.stream().map(DatabaseUrl::withoutSecrets).map(ReportOption::quoted).toList();
    return "unfold " + String.join(" ", words);
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=,+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
