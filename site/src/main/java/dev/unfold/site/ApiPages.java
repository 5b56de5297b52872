package dev.unfold.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The Javadoc of public types in exported packages, and of those of modules without a descriptor, each of which has a
/// folder of its own, if that is there.
///
/// @param site the folder of the site
record ApiPages(Path site) {
  /// The folder of the site that has it.
  static final String FOLDER = "api/";

  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern MODULE = Pattern.compile("(?m)^(?:open )?module ([\\w.]+)");

  /// The page of a source file, if others see what it defines.
  Optional<String> ofSource(Path file) {
    Path sources = file.getParent();
    while (sources != null && !sources.endsWith(SOURCES)) {
      sources = sources.getParent();
    }
    if (sources == null) {
      return Optional.empty();
    }
    Path folder = sources.relativize(file.getParent());
    String type = file.getFileName().toString().replaceFirst("\\.java$", "");
    if (!Files.exists(sources.resolve("module-info.java"))) {
      Path module = sources.resolve("../../..").normalize().getFileName();
      return Optional.of(FOLDER + module + "/" + folder + "/" + type + ".html")
          .filter(page -> Files.exists(site.resolve(page)));
    }
    String descriptor = read(sources.resolve("module-info.java"));
    String exported = "exports " + folder.toString().replace('/', '.') + ";";
    var module = MODULE.matcher(descriptor);
    boolean seen = descriptor.contains(exported) && isPublic(read(file), type) && module.find();
    return seen
        ? Optional.of(FOLDER + module.group(1) + "/" + folder + "/" + type + ".html")
        : Optional.empty();
  }

  private static boolean isPublic(String source, String type) {
    return Pattern.compile(
            "(?m)^public (?:[a-z-]+ )*(?:class|interface|record|enum) " + type + "\\b")
        .matcher(source)
        .find();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
