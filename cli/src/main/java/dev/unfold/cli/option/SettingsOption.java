package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/// The option that says what files of other programs do not.
public final class SettingsOption {
  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "What a file of another program does not say, such as nonlinearity=relu or gates=ifco;"
              + " may be given again. With compare, a. or b. before the name says of which file;"
              + " without it, it is said of each that is not Unfold's own.")
  private List<String> settings = List.of();

  /// By name.
  public Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new Refusal("set", "name=value", setting);
      }
      if (all.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
        throw new Refusal("set", "each name once", setting);
      }
    }
    return all;
  }
}
