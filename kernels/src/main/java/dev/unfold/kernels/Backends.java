package dev.unfold.kernels;

import dev.unfold.argument.Refusal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

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
  ///
  /// **Errors**: [IllegalArgumentException] that has the reasons if none can run here.
  public static Choice choose(Precision precision) {
    return choose(loader(), precision);
  }

  static Choice choose(ServiceLoader<KernelsProvider> loader, Precision precision) {
    Found found = Found.of(loader);
    List<Verdict> verdicts = new ArrayList<>();
    Kernels chosen = null;
    for (KernelsProvider provider : found.providers) {
      Optional<String> refusal = provider.refusal(precision);
      verdicts.add(new Verdict(provider.name(), refusal));
      if (refusal.isEmpty() && chosen == null) {
        chosen = new CheckedKernels(provider.create(precision));
      }
    }
    verdicts.addAll(found.broken);
    if (chosen == null) {
      String reasons =
          verdicts.stream()
              .map(verdict -> verdict.name() + ": " + verdict.refusal().orElseThrow())
              .collect(Collectors.joining("; "));
      throw new Refusal(
          "backend",
          "one that can compute here (a jar made of several has to merge META-INF/services)",
          "none" + (reasons.isEmpty() ? "" : ", " + reasons));
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
    for (KernelsProvider provider : Found.of(loader()).providers) {
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

  private static ServiceLoader<KernelsProvider> loader() {
    return ServiceLoader.load(KernelsProvider.class, Backends.class.getClassLoader());
  }

  /// The providers that could be loaded, best first, and what became of the others, which harm none of these.
  private record Found(List<KernelsProvider> providers, List<Verdict> broken) {
    /// As many failures are enough to know: a path that cannot be read fails each time that it is asked.
    private static final int MOST = 10;

    static Found of(ServiceLoader<KernelsProvider> loader) {
      List<KernelsProvider> providers = new ArrayList<>();
      List<Verdict> broken = new ArrayList<>();
      Iterator<KernelsProvider> all = loader.iterator();
      while (broken.size() < MOST) {
        try {
          if (!all.hasNext()) {
            break;
          }
          providers.add(all.next());
        } catch (ServiceConfigurationError | LinkageError e) {
          broken.add(new Verdict("broken", Optional.of("cannot be loaded: " + e.getMessage())));
        }
      }
      providers.sort(Comparator.comparingInt(KernelsProvider::priority).reversed());
      return new Found(providers, broken);
    }
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
