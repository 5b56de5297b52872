package dev.unfold.serve.model;

import dev.unfold.argument.Refusal;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// A model as it is named on the command line: `FILE`, or `NAME=FILE`.
///
/// @param name what it is asked for by; without one, that of the file up to its last dot
/// @param file where it is
public record ModelName(String name, Path file) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /// Checks the name, which becomes a part of paths.
  public ModelName {
    if (!NAME.matcher(name).matches()) {
      throw new Refusal(
          "MODEL", "a name of up to 64 letters, digits or . _ -, as in NAME=FILE", name);
    }
  }

  /// **Errors**: [Refusal] if what is before `=`, or what the file is called, is no name.
  public static ModelName parse(String text) {
    int sign = text.indexOf('=');
    if (sign > 0 && NAME.matcher(text.substring(0, sign)).matches()) {
      return new ModelName(text.substring(0, sign), Path.of(text.substring(sign + 1)));
    }
    Path file = Path.of(text);
    String last = String.valueOf(file.getFileName());
    int dot = last.lastIndexOf('.');
    return new ModelName(dot > 0 ? last.substring(0, dot) : last, file);
  }
}
