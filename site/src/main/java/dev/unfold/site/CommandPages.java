package dev.unfold.site;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The reference of the command line, from the commands themselves: a page for each.
final class CommandPages {
  /// The folder of the site that has them.
  static final String FOLDER = "commands/";

  private final CommandLine root;
  private final CommandText text;

  /// @param root the command that has all others
  CommandPages(CommandLine root) {
    this.root = root;
    Map<String, String> pages =
        all(root).collect(Collectors.toMap(CommandPages::name, CommandPages::file));
    text = new CommandText(pages);
  }

  /// The entry of the whole reference, with one for each command below it.
  Navigation.Entry entry(String title) {
    return new Navigation.Entry(title, address(root), below(root));
  }

  private static List<Navigation.Entry> below(CommandLine command) {
    return subcommands(command)
        .map(each -> new Navigation.Entry(name(each), address(each), below(each)))
        .toList();
  }

  /// All of them, the root first.
  List<Page> pages() {
    return all(root).map(this::page).toList();
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(Stream.of(command), subcommands(command).flatMap(CommandPages::all));
  }

  private static Stream<CommandLine> subcommands(CommandLine command) {
    return command.getSubcommands().values().stream()
        .filter(each -> !each.getCommandSpec().usageMessage().hidden());
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }

  private static String address(CommandLine command) {
    return FOLDER + file(command);
  }

  private static String file(CommandLine command) {
    String name = command.getCommandSpec().qualifiedName("-");
    int first = name.indexOf('-');
    return (first < 0 ? "index" : name.substring(first + 1)) + ".html";
  }

  private Page page(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<Heading> headings = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    body.append("<h1>").append(Html.escaped(name(command))).append("</h1>\n");
    body.append(text.html(spec.usageMessage().description()));
    body.append("<pre tabindex=\"0\"><code>")
        .append(Html.escaped(synopsis(command)))
        .append("</code></pre>\n");
    section(body, headings, "Commands", commands(command));
    section(
        body,
        headings,
        "Arguments",
        list(visible(spec.positionalParameters()), each -> label((PositionalParamSpec) each)));
    StringBuilder options = new StringBuilder();
    List<Heading> names = new ArrayList<>();
    options(spec).forEach(each -> option(options, names, each));
    section(body, headings, "Options", options.isEmpty() ? "" : "<dl>\n" + options + "</dl>\n");
    headings.addAll(names);
    section(body, headings, "Exit codes", exitCodes(spec));
    section(body, headings, "Examples", examples(spec.usageMessage().footer()));
    return new Page(address(command), "en", name(command), body.toString(), headings);
  }

  private static void section(
      StringBuilder body, List<Heading> headings, String title, String content) {
    if (!content.isEmpty()) {
      String id = title.toLowerCase(Locale.ROOT).replace(' ', '-');
      headings.add(new Heading(2, id, title));
      body.append("<h2 id=\"%s\">%s</h2>%n".formatted(id, title)).append(content);
    }
  }

  private static String synopsis(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    StringBuilder line = new StringBuilder(name(command));
    if (subcommands(command).findAny().isPresent()) {
      line.append(" COMMAND");
    }
    options(spec)
        .filter(OptionSpec::required)
        .forEach(each -> line.append(' ').append(each.longestName()).append(value(each)));
    if (options(spec).anyMatch(each -> !each.required())) {
      line.append(" [OPTIONS]");
    }
    for (PositionalParamSpec each : visible(spec.positionalParameters())) {
      line.append(' ').append(each.required() ? label(each) : "[" + label(each) + "]");
    }
    return line.toString();
  }

  private static <T extends ArgSpec> List<T> visible(List<T> all) {
    return all.stream().filter(each -> !each.hidden()).toList();
  }

  private static Stream<OptionSpec> options(CommandSpec spec) {
    return visible(spec.options()).stream().sorted(Comparator.comparing(OptionSpec::longestName));
  }

  private String commands(CommandLine command) {
    String items =
        subcommands(command)
            .map(each ->
                "<dt>%s</dt><dd>%s</dd>%n"
                    .formatted(
                        Html.link(
                            Addresses.relative(address(command), address(each)),
                            Html.code(name(each))),
                        text.html(each.getCommandSpec().usageMessage().description())))
            .collect(Collectors.joining());
    return items.isEmpty() ? "" : "<dl>\n" + items + "</dl>\n";
  }

  private interface Label {
    String of(ArgSpec argument);
  }

  private String list(List<? extends ArgSpec> arguments, Label label) {
    String items =
        arguments.stream()
            .map(each ->
                "<dt>%s</dt><dd>%s</dd>%n"
                    .formatted(Html.code(label.of(each)), text.html(each.description())))
            .collect(Collectors.joining());
    return items.isEmpty() ? "" : "<dl>\n" + items + "</dl>\n";
  }

  private void option(StringBuilder options, List<Heading> names, OptionSpec option) {
    String name = option.longestName();
    names.add(new Heading(3, name, name));
    String others =
        Arrays.stream(option.names())
            .filter(each -> !each.equals(name))
            .map(each -> Html.code(each) + ", ")
            .collect(Collectors.joining());
    options.append(
        "<dt id=\"%s\">%s%s</dt><dd>%s</dd>%n"
            .formatted(
                name, others, Html.code(name + value(option)), text.html(option.description())));
  }

  private static String value(OptionSpec option) {
    return option.arity().max() == 0 ? "" : "=" + option.paramLabel();
  }

  private static String label(PositionalParamSpec positional) {
    return positional.paramLabel() + (positional.arity().max() > 1 ? "..." : "");
  }

  private static String exitCodes(CommandSpec spec) {
    String rows =
        spec.usageMessage().exitCodeList().entrySet().stream()
            .map(CommandPages::exitCode)
            .collect(Collectors.joining());
    return rows.isEmpty() ? "" : "<table class=\"codes\"><tbody>\n" + rows + "</tbody></table>\n";
  }

  private static String exitCode(Map.Entry<String, String> code) {
    return "<tr><th scope=\"row\">%s</th><td>%s</td></tr>%n"
        .formatted(code.getKey().strip(), Html.escaped(CommandText.plain(code.getValue())));
  }

  /// Lines that show a command, without the word before them.
  private String examples(String[] footer) {
    String[] lines =
        CommandText.lines(footer)
            .filter(line -> !line.matches("Examples?:\\s*"))
            .map(line -> line.replaceFirst("^Example: ", "  "))
            .toArray(String[]::new);
    return text.html(lines);
  }
}
