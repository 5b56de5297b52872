package dev.unfold.cli;

import dev.unfold.argument.ModuleCommand;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The commands of modules that need not be there.
final class ModuleCommands {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");

  /// As many failures are enough to know: a path that cannot be read fails each time that it is asked.
  private static final int MOST = 10;

  private final Map<String, ModuleCommand> present = new TreeMap<>();
  private final List<String> unusable = new ArrayList<>();
  private final Map<String, String> artifacts;

  /// Finds those that are there.
  ///
  /// @param own the names of the other commands
  /// @param artifacts by the name of a command whose module may be absent: what brings it
  ModuleCommands(
      ServiceLoader<ModuleCommand> loader, Set<String> own, Map<String, String> artifacts) {
    this.artifacts = artifacts;
    Map<String, List<ModuleCommand>> found = new TreeMap<>();
    Iterator<ModuleCommand> commands = loader.iterator();
    while (unusable.size() < MOST) {
      // What cannot be loaded is passed over: the next may be the one that was asked for. To ask
      // whether there is one
      // loads its class, and so can fail as well.
      try {
        if (!commands.hasNext()) {
          break;
        }
        ModuleCommand command = commands.next();
        found.computeIfAbsent(name(command, own), _ -> new ArrayList<>()).add(command);
      } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
        String cause = e.getCause() == null ? "" : ": " + e.getCause();
        unusable.add("module: expected a command that can be loaded, got " + e + cause);
      }
    }
    found.forEach((name, several) -> {
      if (several.size() == 1) {
        present.put(name, several.getFirst());
      } else {
        List<String> classes = several.stream().map(each -> each.getClass().getName()).toList();
        unusable.add(name + ": expected it in one module, got " + String.join(" and ", classes));
      }
    });
  }

  private static String name(ModuleCommand command, Set<String> own) {
    String name = command.name();
    if (!NAME.matcher(name).matches() || own.contains(name)) {
      String expected = "small letters, digits and hyphens that are no other command's name";
      throw new Refusal(command.getClass().getName(), expected, name);
    }
    Objects.requireNonNull(command.summary(), () -> name + " has no summary");
    return name;
  }

  /// What was found and cannot be used, a line for each.
  List<String> unusable() {
    return List.copyOf(unusable);
  }

  /// Adds those that are there to what the help lists, and to what a mistyped name is compared with.
  void list(CommandLine root) {
    present.forEach((name, command) -> {
      CommandSpec listed = CommandSpec.create().interpolateVariables(false);
      listed.usageMessage().description(command.summary().replace("%", "%%"));
      root.addSubcommand(name, listed);
    });
  }

  /// The command of this name, if there is one.
  ///
  /// **Errors**: [IllegalArgumentException] if it is known what has to be added or repaired for it.
  Optional<ModuleCommand> find(String name) {
    if (!present.containsKey(name)) {
      if (!unusable.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", unusable));
      }
      if (artifacts.containsKey(name)) {
        throw new Refusal(name, artifacts.get(name) + " on the module path", "none");
      }
    }
    return Optional.ofNullable(present.get(name));
  }
}
