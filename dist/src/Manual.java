import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// Pages of the manual and completions for shells, from the commands themselves: `Manual share version`.
final class Manual {
  private static final String ROOT = "dev.unfold.cli.Main";

  private final Path pages;
  private final String version;

  private Manual(Path pages, String version) {
    this.pages = pages;
    this.version = version;
  }

  public static void main(String[] args) throws Exception {
    Path share = Path.of(args[0]);
    CommandLine unfold = new CommandLine(Class.forName(ROOT));
    Manual manual = new Manual(Files.createDirectories(share.resolve("man/man1")), args[1]);
    manual.write(unfold);
    Path bash = Files.createDirectories(share.resolve("bash-completion/completions"));
    String script = AutoComplete.bash(unfold.getCommandName(), unfold);
    // The second line of the script has the day on which it was made.
    String undated =
        script
            .lines()
            .filter(line -> !line.startsWith("# Generated on"))
            .collect(Collectors.joining("\n", "", "\n"));
    Files.writeString(bash.resolve("unfold"), undated);
    Path zsh = Files.createDirectories(share.resolve("zsh/site-functions"));
    Files.writeString(
        zsh.resolve("_unfold"),
        """
        #compdef unfold
        # The completion for bash, which zsh can read, too.
        autoload -U +X bashcompinit && bashcompinit
        source "${${(%):-%x}:A:h}/../../bash-completion/completions/unfold"
        """);
  }

  private void write(CommandLine command) throws IOException {
    CommandSpec spec = command.getCommandSpec();
    String name = spec.qualifiedName("-");
    StringBuilder page = new StringBuilder();
    page.append(".TH ")
        .append(name.toUpperCase(java.util.Locale.ROOT))
        .append(" 1 \"\" \"Unfold ")
        .append(version)
        .append("\"\n");
    page.append(".SH NAME\n")
        .append(text(name))
        .append(" \\- ")
        .append(text(summary(spec)))
        .append('\n');
    page.append(".SH SYNOPSIS\n").append(text(synopsis(command))).append('\n');
    page.append(".SH DESCRIPTION\n").append(paragraphs(spec.usageMessage().description()));
    arguments(page, spec);
    commands(page, command);
    exitCodes(page, spec);
    if (spec.usageMessage().footer().length > 0) {
      page.append(".SH EXAMPLES\n").append(paragraphs(spec.usageMessage().footer()));
    }
    Files.writeString(pages.resolve(name + ".1"), page);
    for (CommandLine below : command.getSubcommands().values()) {
      write(below);
    }
  }

  private static String summary(CommandSpec spec) {
    String whole = String.join(" ", spec.usageMessage().description());
    int end = whole.indexOf(". ");
    String first = end < 0 ? whole : whole.substring(0, end);
    return plain(first).strip().replaceAll("\\.$", "");
  }

  private static String synopsis(CommandLine command) {
    String synopsis = command.getHelp().synopsis(0);
    return Ansi.OFF.string(synopsis).strip().replaceAll("\\s+", " ");
  }

  private static void arguments(StringBuilder page, CommandSpec spec) {
    List<PositionalParamSpec> positional =
        spec.positionalParameters().stream().filter(each -> !each.hidden()).toList();
    if (!positional.isEmpty()) {
      page.append(".SH ARGUMENTS\n");
      positional.forEach(each -> argument(page, label(each), each));
    }
    List<OptionSpec> options = spec.options().stream().filter(each -> !each.hidden()).toList();
    if (!options.isEmpty()) {
      page.append(".SH OPTIONS\n");
      options.forEach(
          each -> argument(page, String.join(", ", each.names()) + valueOf(each), each));
    }
  }

  private static String label(PositionalParamSpec positional) {
    return positional.paramLabel() + (positional.arity().max() > 1 ? "..." : "");
  }

  private static String valueOf(OptionSpec option) {
    return option.arity().max() == 0 ? "" : " " + option.paramLabel();
  }

  private static void argument(StringBuilder page, String names, ArgSpec argument) {
    page.append(".TP\n\\fB")
        .append(text(names))
        .append("\\fR\n")
        .append(paragraphs(argument.description()));
  }

  private static void commands(StringBuilder page, CommandLine command) {
    List<CommandLine> below =
        command.getSubcommands().values().stream()
            .filter(each -> !each.getCommandSpec().usageMessage().hidden())
            .toList();
    if (!below.isEmpty()) {
      page.append(".SH COMMANDS\n");
      for (CommandLine each : below) {
        page.append(".TP\n\\fB")
            .append(text(each.getCommandSpec().qualifiedName("-")))
            .append("\\fR(1)\n");
        page.append(paragraphs(each.getCommandSpec().usageMessage().description()));
      }
    }
  }

  private static void exitCodes(StringBuilder page, CommandSpec spec) {
    page.append(".SH EXIT STATUS\n");
    for (Map.Entry<String, String> code : spec.usageMessage().exitCodeList().entrySet()) {
      page.append(".TP\n\\fB").append(text(code.getKey().strip())).append("\\fR\n");
      page.append(text(plain(code.getValue()))).append('\n');
    }
  }

  /// Lines of a description, each a line of the page; empty ones and such that are indented stay on their own.
  private static String paragraphs(String[] lines) {
    List<String> all = new ArrayList<>();
    Arrays.stream(lines).flatMap(line -> plain(line).lines()).forEach(all::add);
    StringBuilder text = new StringBuilder();
    for (String line : all) {
      if (line.isBlank()) {
        text.append(".PP\n");
      } else if (line.startsWith(" ")) {
        text.append(".br\n").append(text(line)).append('\n');
      } else {
        text.append(text(line)).append('\n');
      }
    }
    return text.toString();
  }

  /// Descriptions are formats, as picocli has it.
  private static String plain(String description) {
    return Ansi.OFF.string(description.replace("%n", "\n").replace("%%", "%"));
  }

  /// As troff wants it: no line is taken for a request, no hyphen for a dash.
  private static String text(String line) {
    String escaped = line.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
