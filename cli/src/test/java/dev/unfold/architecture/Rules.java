package dev.unfold.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// What depends on what.
final class Rules {
  static final String KERNELS = "dev.unfold.kernels";
  static final String VECTOR = "dev.unfold.kernels.vector..";
  static final String FORMATS = "dev.unfold.formats..";
  static final String DATA = "dev.unfold.data..";
  static final String CLI = "dev.unfold.cli..";

  /// A package of core may use those before it.
  static final List<String> CORE =
      List.of(
          "dev.unfold.cell..",
          "dev.unfold.plan..",
          "dev.unfold.bptt..",
          "dev.unfold.net..",
          "dev.unfold.train..");

  static final ArchRule NO_CYCLES =
      slices().matching("dev.unfold.(**)").should().beFreeOfCycles().allowEmptyShould(true);

  static final ArchRule CORE_IN_ORDER = coreInOrder();

  static final ArchRule CORE_NAMES_NO_BACKEND =
      none(CORE, List.of(VECTOR, "jdk.incubator.vector.."));

  static final ArchRule KERNELS_SEE_NOTHING_ABOVE =
      CompositeArchRule.of(none(List.of(KERNELS), List.of(VECTOR, "jdk.incubator.vector..")))
          .and(none(List.of(KERNELS, VECTOR), CORE))
          .and(none(List.of(KERNELS, VECTOR), List.of(FORMATS, DATA, CLI)));

  static final ArchRule LIBRARIES_STAND_ALONE =
      CompositeArchRule.of(none(CORE, List.of(FORMATS, DATA, CLI)))
          .and(none(List.of(FORMATS), List.of(DATA, CLI, VECTOR)))
          .and(none(List.of(DATA), List.of(FORMATS, CLI, VECTOR)));

  static final ArchRule CONSOLE_BELONGS_TO_CLI =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should(ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  static final ArchRule RANDOMNESS_HAS_A_SEED =
      noClasses()
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

  private static ArchRule coreInOrder() {
    List<ArchRule> rules = new ArrayList<>();
    for (int i = 0; i < CORE.size() - 1; i++) {
      rules.add(none(CORE.subList(i, i + 1), CORE.subList(i + 1, CORE.size())));
    }
    return CompositeArchRule.of(rules);
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
