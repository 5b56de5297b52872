package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The jars that the command line runs from, which travel to the executors; a folder of classes becomes a jar on the
/// way.
final class ShippedJars implements AutoCloseable {
  /// What means something to Spark in a list of jars: those are copied.
  private static final Pattern SPECIAL = Pattern.compile("[,#*?{}\\[\\]\\\\]");

  private final Path main;
  private final List<Path> others;
  private final List<Path> made;

  private ShippedJars(Path main, List<Path> others, List<Path> made) {
    this.main = main;
    this.others = others;
    this.made = made;
  }

  /// Those of the module path and the class path, but for what a Spark has itself.
  ///
  /// @param home of that Spark
  static ShippedJars ofThisProcess(Path home) throws IOException {
    Set<Path> entries = new LinkedHashSet<>();
    for (String property : List.of("jdk.module.path", "java.class.path")) {
      for (String entry : System.getProperty(property, "").split(File.pathSeparator, -1)) {
        if (!entry.isEmpty()) {
          entries.addAll(expanded(Path.of(entry).toAbsolutePath()));
        }
      }
    }
    return of(home, own(), entries);
  }

  /// @param own what has this class
  /// @param entries of paths, among them perhaps `own`
  static ShippedJars of(Path home, Path own, Set<Path> entries) throws IOException {
    List<Path> made = new ArrayList<>();
    Path main = jar(own, made);
    List<Path> others = new ArrayList<>();
    for (Path entry : entries) {
      if (!entry.equals(own) && Files.exists(entry) && !isOfSpark(home, entry)) {
        others.add(jar(entry, made));
      }
    }
    return new ShippedJars(main, others, made);
  }

  private static boolean isOfSpark(Path home, Path entry) {
    return Files.exists(home.resolve("jars").resolve(entry.getFileName()));
  }

  private static Path own() {
    try {
      return Path.of(ShippedJars.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new Refusal("on", "classes in a jar or a folder", e.getInput(), e);
    }
  }

  /// A module path has folders of jars, too.
  private static List<Path> expanded(Path entry) throws IOException {
    if (!Files.isDirectory(entry)) {
      return List.of(entry);
    }
    try (Stream<Path> files = Files.list(entry)) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      return jars.isEmpty() ? List.of(entry) : jars;
    }
  }

  private static Path jar(Path entry, List<Path> made) throws IOException {
    boolean isFolder = Files.isDirectory(entry);
    if (!isFolder && !SPECIAL.matcher(entry.toString()).find()) {
      return entry;
    }
    String temporary = System.getProperty("java.io.tmpdir");
    if (SPECIAL.matcher(temporary).find()) {
      throw new Refusal("java.io.tmpdir", "a path without any of , # * ? { } [ ] \\", temporary);
    }
    Path jar = Files.createTempFile("unfold-", ".jar");
    made.add(jar);
    if (!isFolder) {
      Files.copy(entry, jar, StandardCopyOption.REPLACE_EXISTING);
      return jar;
    }
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.walk(entry)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        zip.putNextEntry(new ZipEntry(entry.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    return jar;
  }

  /// The jar with this class.
  String main() {
    return main.toString();
  }

  /// All others, with commas between them.
  String others() {
    return String.join(",", others.stream().map(Path::toString).toList());
  }

  @Override
  public void close() throws IOException {
    for (Path each : made) {
      Files.deleteIfExists(each);
    }
  }
}
