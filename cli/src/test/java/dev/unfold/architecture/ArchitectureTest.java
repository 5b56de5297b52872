package dev.unfold.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
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
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.unfold");

  /// How many classes must have been read from a package for the rules to mean something: most of
  /// those that are there.
  record Scan(String packages, int floor) {}

  private static Stream<Scan> scans() {
    return Stream.of(
        new Scan(Rules.KERNELS, 12),
        new Scan(Rules.VECTOR, 12),
        new Scan(Rules.CORE.get(0), 7),
        new Scan(Rules.CORE.get(1), 10),
        new Scan(Rules.CORE.get(2), 5),
        new Scan(Rules.CORE.get(3), 9),
        new Scan(Rules.CORE.get(4), 9),
        new Scan(Rules.FORMATS, 20),
        new Scan(Rules.DATA, 15),
        new Scan(Rules.CLI, 30));
  }

  @ParameterizedTest
  @MethodSource("scans")
  void packages_scanned_holdEnoughClasses(Scan scan) {
    long count =
        CLASSES.stream()
            .filter(JavaClass.Predicates.resideInAPackage(scan.packages))
            .filter(JavaClass::isTopLevelClass)
            .count();

    assertTrue(count >= scan.floor, () -> scan + ": only " + count + " classes were read");
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
            "no cycles",
            Rules.NO_CYCLES,
            List.of(
                "package dev.unfold.net; public class A { dev.unfold.net.inner.B b; }",
                "package dev.unfold.net.inner; public class B { dev.unfold.net.A a; }")),
        new Case(
            "core in order",
            Rules.CORE_IN_ORDER,
            List.of(
                "package dev.unfold.net; public class A { dev.unfold.train.B b; }",
                "package dev.unfold.train; public class B {}")),
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
                "package dev.unfold.data; public class A { dev.unfold.formats.B b; }",
                "package dev.unfold.formats; public class B {}")),
        new Case(
            "console belongs to cli",
            Rules.CONSOLE_BELONGS_TO_CLI,
            List.of(
                "package dev.unfold.net; class A { void a(Error e) { e.printStackTrace(); } }")),
        new Case(
            "randomness has a seed",
            Rules.RANDOMNESS_HAS_A_SEED,
            List.of("package dev.unfold.net; class A { Object a = new java.util.Random(); }")),
        new Case(
            "no Java serialization",
            Rules.NO_JAVA_SERIALIZATION,
            List.of("package dev.unfold.net; class A { java.io.ObjectInputStream in; }")));
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
