package dev.unfold.serve;

import dev.unfold.serve.model.ModelName;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What `unfold serve` is told.
@Command(
    name = "unfold serve",
    description = ServeCommand.SUMMARY,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    footerHeading = "%n",
    footer = "Example: unfold serve model.safetensors",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:ended when it was asked to",
      " 1:failed",
      " 2:the arguments or what they name cannot be used",
      "130:stopped by Ctrl-C"
    })
final class ServeOptions {
  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description =
          "Model files, each served by the name of its file without what follows the last dot; or"
              + " NAME=FILE.")
  private List<String> models;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Where to listen; 0 for any port that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      defaultValue = "127.0.0.1",
      description =
          "At which of this machine's addresses to listen (default: ${DEFAULT-VALUE}, which only"
              + " this machine reaches).")
  private String host;

  List<ModelName> models() {
    return models.stream().map(ModelName::parse).toList();
  }

  int port() {
    return port;
  }

  String host() {
    return host;
  }
}
