package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// What the demonstration learns from: the clone that this program was built in, or the sources of an installation.
///
/// Files in it are named from the current folder, as a user there would name them.
///
/// @param home its folder
/// @param launcher what starts the command line
/// @param sources the folder of sources and documentation
/// @param made the folder for what the demonstration makes
public record Project(Path home, Path launcher, Path sources, Path made) {
  /// Set by the launcher: the folder of the clone or the installation, and how the launcher was called.
  private static final String HOME = "unfold.home";

  private static final String COMMAND = "unfold.command";
  private static final Path CLONED = Path.of("unfold");
  private static final Path INSTALLED = Path.of("bin/unfold");
  private static final Set<String> NOT_SOURCES = Set.of("target", "node_modules", "runs");

  /// A clone, in which builds put what they make into `target`.
  public static Project ofClone(Path home) {
    return new Project(home, home.resolve(CLONED), home, home.resolve("target"));
  }

  /// An installation, which nobody may write to: what is made goes to the current folder.
  public static Project ofInstallation(Path home) {
    return new Project(
        home, home.resolve(INSTALLED), home.resolve("share/sources"), Path.of("").toAbsolutePath());
  }

  /// **Errors**: [IllegalArgumentException] if there is none.
  static Project find() {
    String told = System.getProperty(HOME);
    Path start = told == null ? ownPlace() : Path.of(told);
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(CLONED)) && Files.exists(folder.resolve("pom.xml"))) {
        return ofClone(folder);
      }
      Project installation = ofInstallation(folder);
      if (Files.exists(installation.launcher) && Files.isDirectory(installation.sources)) {
        return installation;
      }
    }
    throw new Refusal(
        "demo", "a clone or an installation of Unfold, whose sources it learns from", start);
  }

  private static Path ownPlace() {
    CodeSource source = Project.class.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI()).toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(source.toString(), e);
    }
  }

  /// A file of the sources.
  Path source(String name) {
    return fromHere(sources.resolve(name));
  }

  /// A file that the demonstration makes.
  Path made(String name) {
    return fromHere(made.resolve(name));
  }

  private Path fromHere(Path file) {
    Path here = Path.of("").toAbsolutePath();
    boolean near = file.startsWith(here) || here.startsWith(home);
    return near ? here.relativize(file) : file;
  }

  /// How a user calls the launcher.
  String command() {
    return System.getProperty(COMMAND, fromHere(launcher).toString());
  }

  /// Where the demonstration's model goes.
  Path demoModel() {
    return made("demo.safetensors");
  }

  /// All sources and English documentation, in an order that is the same everywhere.
  public List<Path> texts() {
    List<String> names = new ArrayList<>();
    try {
      Files.walkFileTree(
          sources,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = folder.getFileName().toString();
              boolean skip =
                  !folder.equals(sources) && (name.startsWith(".") || NOT_SOURCES.contains(name));
              return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = sources.relativize(file).toString();
              boolean english = name.endsWith(".md") && !name.endsWith(".zh.md");
              if (attributes.size() > 0 && (english || name.endsWith(".java"))) {
                names.add(name);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Collections.sort(names);
    return names.stream().map(this::source).toList();
  }
}
