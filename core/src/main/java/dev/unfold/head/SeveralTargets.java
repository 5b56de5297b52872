package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// What the outputs of [SeveralHeads] are compared with: targets for each of them, in their order, each with weights of
/// its own if it has any.
///
/// @param parts two or more, each of T*B rows
public record SeveralTargets(List<Targets> parts) implements Targets {
  /// Checks that there are several.
  public SeveralTargets {
    parts = List.copyOf(Expect.given("targets", parts));
    if (parts.size() < 2) {
      throw new Refusal("targets", "those of two heads or more", parts.size());
    }
    for (Targets part : parts) {
      boolean isOfOne = part instanceof SeveralTargets || part.plain() instanceof Sampled;
      if (isOfOne) {
        throw new Refusal(
            "targets", "those of one of several heads", part.plain().getClass().getSimpleName());
      }
    }
  }

  /// Those of several heads.
  public static SeveralTargets of(Targets... parts) {
    return new SeveralTargets(Arrays.asList(parts));
  }

  @Override
  public int rows() {
    return parts.stream().mapToInt(Targets::rows).min().orElseThrow();
  }

  @Override
  public Targets part(int first, int count) {
    return new SeveralTargets(parts.stream().map(part -> part.part(first, count)).toList());
  }

  @Override
  public boolean has(int row) {
    return parts.stream().anyMatch(part -> part.has(row));
  }

  @Override
  public boolean isOfSteps() {
    return parts.stream().allMatch(Targets::isOfSteps);
  }

  @Override
  public int[] counts(int rows, int batch, IntPredicate present) {
    int[] counts = new int[batch];
    for (Targets part : parts) {
      int[] own = part.counts(rows, batch, present);
      Arrays.setAll(counts, b -> counts[b] + own[b]);
    }
    return counts;
  }

  @Override
  public Amounts amounts(Head head, int rows, int batch, IntPredicate present) {
    head.check(this);
    List<SeveralHeads.Part> heads = ((SeveralHeads) head).parts();
    double[] sums = new double[batch];
    double[] plain = new double[batch];
    for (int i = 0; i < parts.size(); i++) {
      Amounts own = parts.get(i).amounts(heads.get(i).head(), rows, batch, present);
      double weight = heads.get(i).weight();
      IntStream.range(0, batch)
          .forEach(b -> {
            sums[b] += weight * own.sums()[b];
            plain[b] += own.plain()[b];
          });
    }
    return new Amounts(sums, plain);
  }
}
