package dev.unfold.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// Options from a file, a line `NAME = VALUE` for each, where `--NAME` is the option; a line may be empty, or a
/// comment after `#`. A byte order mark at the start is left out. An option that may be given several times may have
/// several lines. What the command line says itself counts more.
public final class ConfigFile {
  /// The option that names the file.
  static final String OPTION = "--config";

  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final long LARGEST = 1 << 20;

  /// What does not belong to the network and its training.
  private static final String DATABASE = "jdbc";

  private static final Set<String> LEFT_OUT =
      Set.of("help", "version", "config", "run", "resume", "json", "on", "workers");

  /// What a model says that is gone on from: there the defaults are others.
  private static final Set<String> OF_MODEL =
      Set.of("cell", "hidden", "layers", "dropout", "unit", "init");

  /// What a list of layers says of each.
  private static final Set<String> OF_LAYERS = Set.of("cell", "size", "heads");

  private ConfigFile() {}

  /// The command line with the options of the files that it names in their place.
  ///
  /// **Errors**: [ParameterException] for a file that can't be used.
  public static String[] expand(CommandLine root, String... arguments) {
    CommandLine command = command(root, arguments);
    if (command.getCommandSpec().findOption(OPTION) == null) {
      return arguments;
    }
    Set<String> given = new HashSet<>();
    for (String argument : arguments) {
      given.add(name(argument));
    }
    List<String> expanded = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (!name(argument).equals(OPTION)) {
        expanded.add(argument);
      } else if (argument.contains("=")) {
        add(command, argument.substring(OPTION.length() + 1), given, expanded);
      } else if (i + 1 < arguments.length) {
        i++;
        add(command, arguments[i], given, expanded);
      } else {
        expanded.add(argument);
      }
    }
    return expanded.toArray(String[]::new);
  }

  private static CommandLine command(CommandLine root, String... arguments) {
    CommandLine command = root;
    for (String argument : arguments) {
      CommandLine sub = command.getSubcommands().get(argument);
      command = sub == null ? command : sub;
    }
    return command;
  }

  private static String name(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? argument : argument.substring(0, equals);
  }

  private static void add(
      CommandLine command, String file, Set<String> given, List<String> expanded) {
    List<String> lines = lines(command, file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String name = equals < 0 ? line : line.substring(0, equals).strip();
      String value = equals < 0 ? "" : line.substring(equals + 1).strip();
      OptionSpec option = command.getCommandSpec().findOption("--" + name);
      if (equals < 0 || option == null || LEFT_OUT.contains(name)) {
        throw wrong(
            command,
            "%s, line %d: expected NAME = VALUE with an option of %s, got %s"
                .formatted(file, i + 1, command.getCommandSpec().qualifiedName(), line));
      }
      if (!given.contains("--" + name)) {
        expanded.add("--" + name + "=" + value);
      }
    }
  }

  private static List<String> lines(CommandLine command, String file) {
    try {
      Path path = Path.of(file);
      if (!Files.exists(path)) {
        throw wrong(command, OPTION + ": expected a file, found none at " + file);
      }
      if (!Files.isRegularFile(path) || Files.size(path) > LARGEST) {
        throw wrong(
            command, OPTION + ": expected a file of up to " + LARGEST + " bytes, got " + file);
      }
      String text = Files.readString(path);
      return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
    } catch (IOException | InvalidPathException e) {
      throw wrong(command, OPTION + ": expected a text file that can be read, got " + file);
    }
  }

  private static ParameterException wrong(CommandLine command, String message) {
    return new ParameterException(command, message);
  }

  /// The lines that a file has to have for the same options: those that were given, and all defaults. Of a database's
  /// address they have the scheme alone, behind a `#`, since that is no address: it has to be said again.
  static List<String> lines(CommandSpec command) {
    List<String> lines = new ArrayList<>();
    options(command)
        .forEach((name, values) ->
            values.forEach(value -> {
              String line = name + " = " + value.replaceAll("\\R", " ");
              lines.add(name.equals(DATABASE) ? "# " + line : line);
            }));
    return lines;
  }

  /// The same by names.
  static Map<String, List<String>> options(CommandSpec command) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    OptionSpec from = command.findOption("--from");
    boolean goesOn = from != null && !from.originalStringValues().isEmpty();
    OptionSpec layers = command.findOption("--layers");
    boolean hasList =
        layers != null
            && layers.originalStringValues().stream().anyMatch(text -> text.contains(":"));
    for (OptionSpec option : command.options()) {
      String name = option.longestName().replaceFirst("^--", "");
      List<String> values = option.originalStringValues();
      String usual = usual(command, option);
      boolean isSaidElsewhere =
          (goesOn && OF_MODEL.contains(name)) || (hasList && OF_LAYERS.contains(name));
      List<String> all =
          values.isEmpty() && usual != null && !isSaidElsewhere ? List.of(usual) : values;
      if (!LEFT_OUT.contains(name) && !all.isEmpty()) {
        options.put(name, all.stream().map(DatabaseUrl::withoutSecrets).toList());
      }
    }
    return options;
  }

  private static String usual(CommandSpec command, OptionSpec option) {
    try {
      String provided =
          command.defaultValueProvider() == null
              ? null
              : command.defaultValueProvider().defaultValue(option);
      if (provided != null || option.defaultValue() != null) {
        return provided == null ? option.defaultValue() : provided;
      }
      return option.initialValue() instanceof Number number ? number.toString() : null;
    } catch (Exception e) {
      throw new IllegalStateException(Arrays.toString(option.names()), e);
    }
  }
}
