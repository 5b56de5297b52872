package dev.unfold.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Checks the [Rules] on the compiled classes of all modules, and that each rule can fail.
final class ArchitectureTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.unfold");

  private static List<String> packages() {
    return Rules.ORDER;
  }

  /// The rules mean something only if all classes were read.
  @ParameterizedTest
  @MethodSource("packages")
  void packages_scanned_holdEveryClassOfTheSources(String name) throws IOException {
    String folder = name.replace('.', '/');
    long sources = 0;
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        sources += sources(module.resolve("src/main/java").resolve(folder));
        sources += sources(module.resolve("target/generated-sources/protobuf").resolve(folder));
      }
    }
    long read =
        CLASSES.stream()
            .filter(each -> each.getPackageName().equals(name) && each.isTopLevelClass())
            .filter(each -> !each.getSimpleName().equals("package-info"))
            .count();

    assertTrue(sources > 0, "no sources: the package is gone");
    assertEquals(sources, read);
  }

  private static long sources(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".java") && !file.equals("package-info.java"))
          .count();
    }
  }

  /// A rule, and sources that break it.
  record Case(String name, ArchRule rule, List<String> offenders) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case(
            "packages in order",
            Rules.IN_ORDER,
            List.of(
                "package dev.unfold.model; public class A { dev.unfold.train.B b; }",
                "package dev.unfold.train; public class B {}")),
        new Case(
            "no package out of the order",
            Rules.IN_ORDER,
            List.of("package dev.unfold.other; public class A {}")),
        new Case(
            "core names no backend",
            Rules.CORE_NAMES_NO_BACKEND,
            List.of(
                "package dev.unfold.cell; public class A { jdk.incubator.vector.FloatVector v; }")),
        new Case(
            "kernels see nothing above",
            Rules.KERNELS_SEE_NOTHING_ABOVE,
            List.of(
                "package dev.unfold.kernels.vector; public class A { dev.unfold.plan.B b; }",
                "package dev.unfold.plan; public class B {}")),
        new Case(
            "libraries stand alone",
            Rules.LIBRARIES_STAND_ALONE,
            List.of(
                "package dev.unfold.data.text; public class A { dev.unfold.formats.model.B b; }",
                "package dev.unfold.formats.model; public class B {}")),
        new Case(
            "console belongs to cli",
            Rules.CONSOLE_BELONGS_TO_CLI,
            List.of(
                "package dev.unfold.model; class A { void a(Error e) { e.printStackTrace(); } }")),
        new Case(
            "randomness has a seed",
            Rules.RANDOMNESS_HAS_A_SEED,
            List.of("package dev.unfold.model; class A { Object a = new java.util.Random(); }")),
        new Case(
            "no Java serialization",
            Rules.NO_JAVA_SERIALIZATION,
            List.of("package dev.unfold.model; class A { java.io.ObjectInputStream in; }")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void modules_all_keepTheRule(Case each) {
    each.rule.check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void offenders_planted_breakTheRule(Case each, @TempDir Path folder) throws IOException {
    assertTrue(
        each.rule.evaluate(compile(folder, each.offenders)).hasViolation(),
        "the rule notices nothing");
  }

  private static JavaClasses compile(Path folder, List<String> sources) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-d", folder.toString(), "-proc:none", "-nowarn"));
    arguments.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    for (int i = 0; i < sources.size(); i++) {
      Path source = Files.createDirectories(folder.resolve("source" + i));
      String name = sources.get(i).contains("class A") ? "A.java" : "B.java";
      arguments.add(Files.writeString(source.resolve(name), sources.get(i)).toString());
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertEquals(0, result);
    JavaClasses classes = new ClassFileImporter().importPath(folder);
    assertFalse(classes.isEmpty());
    return classes;
  }
}
