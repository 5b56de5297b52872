package dev.unfold.kernels;

import dev.unfold.argument.Refusal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;

/// Chooses the backend: of all that can run here the one with the highest priority.
public final class Backends {
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Backends() {}

  /// What was found out about one backend.
  ///
  /// @param name the backend
  /// @param refusal why it can't run here and what would help; empty if it can
  public record Verdict(String name, Optional<String> refusal) {}

  /// The chosen backend, and the verdict on each that was looked at, best first.
  public record Choice(Kernels kernels, List<Verdict> verdicts) {}

  /// The best backend for `precision`.
  public static Kernels best(Precision precision) {
    return choose(precision).kernels();
  }

  /// The best backend for `precision`, with the reasons. The first time that a better backend had to be
  /// refused for [Precision#FLOAT], a warning with its reason goes to the system logger.
  public static Choice choose(Precision precision) {
    List<Verdict> verdicts = new ArrayList<>();
    Kernels chosen = null;
    for (KernelsProvider provider : providers()) {
      Optional<String> refusal = provider.refusal(precision);
      verdicts.add(new Verdict(provider.name(), refusal));
      if (refusal.isEmpty() && chosen == null) {
        chosen = new CheckedKernels(provider.create(precision));
      }
    }
    if (precision == Precision.FLOAT) {
      warnOnce(chosen, verdicts);
    }
    return new Choice(chosen, List.copyOf(verdicts));
  }

  /// The backend called `name`.
  ///
  /// **Errors**: [IllegalArgumentException] if there is none of this name, or if it can't run here.
  public static Kernels named(String name, Precision precision) {
    List<String> names = new ArrayList<>();
    for (KernelsProvider provider : providers()) {
      names.add(provider.name());
      if (provider.name().equals(name)) {
        Optional<String> refusal = provider.refusal(precision);
        if (refusal.isPresent()) {
          throw new IllegalArgumentException("backend " + name + ": " + refusal.get());
        }
        return new CheckedKernels(provider.create(precision));
      }
    }
    throw new Refusal("backend", "one of " + String.join(", ", names), name);
  }

  /// A backend of one's own, each of whose calls is checked as those of the others are.
  public static Kernels checked(Kernels backend) {
    return new CheckedKernels(Objects.requireNonNull(backend, "backend: expected one, got null"));
  }

  private static List<KernelsProvider> providers() {
    List<KernelsProvider> providers = new ArrayList<>();
    ServiceLoader.load(KernelsProvider.class, Backends.class.getClassLoader())
        .forEach(providers::add);
    providers.sort(Comparator.comparingInt(KernelsProvider::priority).reversed());
    return providers;
  }

  private static void warnOnce(Kernels chosen, List<Verdict> verdicts) {
    Verdict first = verdicts.getFirst();
    if (first.refusal().isPresent() && WARNED.compareAndSet(false, true)) {
      Logger logger = System.getLogger(Backends.class.getName());
      logger.log(
          Level.WARNING,
          "running on the "
              + chosen.name()
              + " backend; "
              + first.name()
              + " was refused: "
              + first.refusal().get());
    }
  }
}
