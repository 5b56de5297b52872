import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Checks the format of all sources, or repairs it: `Format (check|write) root report`.
///
/// What is wrong is printed, and written to the file `report`, which does not exist if all is well.
final class Format {
  /// With fewer sources than this the search for them is broken; most of the tree should be above
  /// it.
  private static final int FLOOR = 1500;

  /// Comments stay as they are written: a formula that is wrapped before its `+` becomes a list.
  private static final JavaFormatterOptions OPTIONS =
      JavaFormatterOptions.builder().formatJavadoc(false).build();

  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean write = args[0].equals("write");
    Path root = Path.of(args[1]).toRealPath();
    Path report = Path.of(args[2]);
    List<Path> sources = sources(root);
    List<String> findings =
        sources.size() < FLOOR
            ? List.of("expected at least " + FLOOR + " sources, found " + sources.size())
            : sources.parallelStream()
                .map(source -> finding(root.relativize(source), source, write))
                .filter(Objects::nonNull)
                .toList();
    findings.forEach(finding -> System.out.println("format: " + finding));
    System.out.println("format: " + sources.size() + " sources read");
    Files.createDirectories(report.getParent());
    Files.deleteIfExists(report);
    if (!findings.isEmpty()) {
      Files.write(report, findings);
    }
  }

  /// The sources of all modules, and the checks' own.
  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .flatMap(folder -> Stream.of(folder.resolve("src"), folder.resolve("format")))
          .filter(Files::isDirectory)
          .flatMap(folder -> javaFiles(folder).stream())
          .sorted()
          .toList();
    }
  }

  private static List<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is wrong with a source and stays so; null if nothing.
  private static String finding(Path name, Path source, boolean write) {
    try {
      String text = Files.readString(source);
      String formatted = new Formatter(OPTIONS).formatSourceAndFixImports(text);
      if (formatted.equals(text)) {
        return null;
      }
      if (!write) {
        return "not formatted: " + name;
      }
      Files.writeString(source, formatted);
      System.out.println("format: formatted " + name);
      return null;
    } catch (FormatterException e) {
      return name + ":" + e.getMessage();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
