package dev.unfold.architecture;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// What depends on what.
final class Rules {
  /// All packages: each may use those before it, and no other. (Which modules it may use, its module descriptor says,
  /// and the compiler checks.)
  static final List<String> ORDER =
      List.of(
          "dev.unfold.argument",
          "dev.unfold.kernels.storage",
          "dev.unfold.kernels",
          "dev.unfold.kernels.scalar",
          "dev.unfold.kernels.work",
          "dev.unfold.kernels.vector.lanes",
          "dev.unfold.kernels.vector.product",
          "dev.unfold.kernels.vector.pointwise",
          "dev.unfold.kernels.vector.rows",
          "dev.unfold.kernels.vector",
          "dev.unfold.cell",
          "dev.unfold.cell.library",
          "dev.unfold.plan",
          "dev.unfold.plan.walk",
          "dev.unfold.layer",
          "dev.unfold.head",
          "dev.unfold.model.init",
          "dev.unfold.model",
          "dev.unfold.unroll.rows",
          "dev.unfold.sequence",
          "dev.unfold.unroll.mask",
          "dev.unfold.unroll.head",
          "dev.unfold.unroll.tape",
          "dev.unfold.unroll",
          "dev.unfold.online",
          "dev.unfold.gradient",
          "dev.unfold.infer",
          "dev.unfold.flow",
          "dev.unfold.check",
          "dev.unfold.tangent",
          "dev.unfold.train.update",
          "dev.unfold.train.data",
          "dev.unfold.train",
          "dev.unfold.train.dynamic",
          "dev.unfold.data.source",
          "dev.unfold.data.table",
          "dev.unfold.data.profile",
          "dev.unfold.data.series",
          "dev.unfold.data.label",
          "dev.unfold.data.text",
          "dev.unfold.data.sets",
          "dev.unfold.sql",
          "dev.unfold.formats.safetensors",
          "dev.unfold.formats.model",
          "dev.unfold.formats.graph",
          "dev.unfold.formats.graph.layers",
          "dev.unfold.formats.exchange",
          "dev.unfold.formats.torch",
          "dev.unfold.formats.keras",
          "dev.unfold.formats.onnx.message",
          "dev.unfold.formats.onnx.read",
          "dev.unfold.formats.onnx.write",
          "dev.unfold.formats.onnx",
          "dev.unfold.measure",
          "dev.unfold.measure.load",
          "dev.unfold.run.output",
          "dev.unfold.run.score",
          "dev.unfold.run.task",
          "dev.unfold.run.label",
          "dev.unfold.run.series",
          "dev.unfold.run.generated",
          "dev.unfold.run.inspect",
          "dev.unfold.run.report",
          "dev.unfold.run.folder",
          "dev.unfold.run.journal",
          "dev.unfold.run.session",
          "dev.unfold.run.learn",
          "dev.unfold.run.ring",
          "dev.unfold.run",
          "dev.unfold.run.job",
          "dev.unfold.serve.json",
          "dev.unfold.serve.http",
          "dev.unfold.serve.model",
          "dev.unfold.serve.watch",
          "dev.unfold.serve.session",
          "dev.unfold.serve.forecast",
          "dev.unfold.serve.predict",
          "dev.unfold.serve.inference",
          "dev.unfold.serve.page",
          "dev.unfold.serve.completion",
          "dev.unfold.serve",
          "dev.unfold.cli.report",
          "dev.unfold.cli.option",
          "dev.unfold.cli.command",
          "dev.unfold.cli.bench",
          "dev.unfold.cli");

  static final List<String> KERNELS =
      List.of(
          "dev.unfold.kernels",
          "dev.unfold.kernels.storage",
          "dev.unfold.kernels.scalar",
          "dev.unfold.kernels.work");

  static final String VECTOR = "dev.unfold.kernels.vector..";
  static final String FORMATS = "dev.unfold.formats..";
  static final String DATA = "dev.unfold.data..";
  static final String RUN = "dev.unfold.run..";
  static final String SERVE = "dev.unfold.serve..";
  static final String CLI = "dev.unfold.cli..";

  /// The packages of `core`.
  static final List<String> CORE =
      ORDER.subList(ORDER.indexOf("dev.unfold.cell"), ORDER.indexOf("dev.unfold.data.source"));

  static final ArchRule IN_ORDER = classes().should(inOrder()).allowEmptyShould(true);

  static final ArchRule CORE_NAMES_NO_BACKEND =
      none(CORE, List.of(VECTOR, "dev.unfold.kernels.scalar", "jdk.incubator.vector.."));

  static final ArchRule KERNELS_SEE_NOTHING_ABOVE =
      CompositeArchRule.of(none(KERNELS, List.of(VECTOR, "jdk.incubator.vector..")))
          .and(none(List.of(VECTOR), List.of("dev.unfold.kernels.scalar")))
          .and(none(List.of("dev.unfold.kernels.."), CORE))
          .and(none(List.of("dev.unfold.kernels.."), List.of(FORMATS, DATA, RUN, SERVE, CLI)));

  static final ArchRule LIBRARIES_STAND_ALONE =
      CompositeArchRule.of(none(CORE, List.of(FORMATS, DATA, RUN, SERVE, CLI)))
          .and(none(List.of(FORMATS), List.of(DATA, RUN, SERVE, CLI, VECTOR)))
          .and(none(List.of(DATA), List.of(FORMATS, RUN, SERVE, CLI, VECTOR)))
          .and(none(List.of(DATA), CORE))
          // Of the module of kernels it takes how arguments are refused, and no more.
          .and(none(List.of(DATA), List.of("dev.unfold.kernels..")))
          .and(none(List.of("dev.unfold.measure.."), List.of(FORMATS, DATA, RUN, SERVE, CLI)))
          .and(
              none(
                  List.of(RUN),
                  List.of("dev.unfold.measure..", "picocli..", "io.helidon..", VECTOR)))
          .and(none(List.of(RUN), List.of(SERVE, CLI)))
          .and(none(List.of(SERVE), List.of("dev.unfold.measure..", CLI, VECTOR)))
          .and(none(List.of(CLI), List.of(SERVE)));

  static final ArchRule CONSOLE_BELONGS_TO_CLI =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should(ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  /// But for the names of sessions, which must not be guessed.
  static final ArchRule RANDOMNESS_HAS_A_SEED =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.unfold.serve.http.RandomName")
          .should()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(StrictMath.class, "random")
          .orShould()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .callConstructor(Random.class)
          .orShould()
          .callConstructor(SplittableRandom.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(ThreadLocalRandom.class, SecureRandom.class);

  static final ArchRule NO_JAVA_SERIALIZATION =
      noClasses()
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class);

  private Rules() {}

  private static ArchCondition<JavaClass> inOrder() {
    return new ArchCondition<>("use only packages before their own") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        int own = ORDER.indexOf(user.getPackageName());
        if (own < 0) {
          events.add(
              violated(user, user.getName() + " is in a package without a place in the order"));
        }
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          String used = dependency.getTargetClass().getBaseComponentType().getPackageName();
          boolean isOurs = used.equals("dev.unfold") || used.startsWith("dev.unfold.");
          if (isOurs && (ORDER.indexOf(used) > own || !ORDER.contains(used))) {
            events.add(violated(user, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static ArchRule none(List<String> users, List<String> used) {
    return noClasses()
        .that()
        .resideInAnyPackage(users.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(used.toArray(String[]::new))
        // How many classes there are is a question of its own; see ArchitectureTest.
        .allowEmptyShould(true);
  }
}
