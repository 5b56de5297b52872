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

/// The clone that this program was built in.
///
/// Files in it are named from the current folder, as a user there would name them.
///
/// @param home its folder
public record Project(Path home) {
  /// Set by the launcher: the clone's folder, and how the launcher was called.
  private static final String HOME = "unfold.home";

  private static final String COMMAND = "unfold.command";
  private static final Path LAUNCHER = Path.of("unfold");
  private static final Set<String> NOT_SOURCES = Set.of("target", "node_modules", "runs");

  /// **Errors**: [IllegalArgumentException] if there is none.
  static Project find() {
    String told = System.getProperty(HOME);
    Path start = told == null ? ownPlace() : Path.of(told);
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(LAUNCHER)) && Files.exists(folder.resolve("pom.xml"))) {
        return new Project(folder);
      }
    }
    throw new Refusal("demo", "a clone of Unfold, whose sources it learns from", start);
  }

  private static Path ownPlace() {
    CodeSource source = Project.class.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI()).toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(source.toString(), e);
    }
  }

  /// A file of the clone.
  Path file(String name) {
    Path file = home.resolve(name);
    Path here = Path.of("").toAbsolutePath();
    boolean near = file.startsWith(here) || here.startsWith(home);
    return near ? here.relativize(file) : file;
  }

  /// How a user calls the launcher.
  String command() {
    return System.getProperty(COMMAND, file(LAUNCHER.toString()).toString());
  }

  /// Where the demonstration's model goes: where builds put what they make.
  Path demoModel() {
    return file("target/demo.safetensors");
  }

  /// All sources and English documentation, in an order that is the same everywhere.
  public List<Path> texts() {
    List<String> names = new ArrayList<>();
    try {
      Files.walkFileTree(
          home,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = folder.getFileName().toString();
              boolean skip =
                  !folder.equals(home) && (name.startsWith(".") || NOT_SOURCES.contains(name));
              return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = home.relativize(file).toString();
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
    return names.stream().map(this::file).toList();
  }
}
