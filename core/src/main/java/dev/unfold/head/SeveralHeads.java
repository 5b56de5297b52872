package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Several heads at one network: each reads the last layer out by itself, has targets of its own
/// ([SeveralTargets]), and counts in the loss as much as its weight says. With E_i the loss of head i at a step or of a
/// sequence, and n_i how many of them there are,
///
///     E = sum_i weight_i sum E_i                              the sum
///     E = sum_i weight_i sum E_i / sum_i weight_i n_i         the mean
///
/// so that one loss of a head of weight 2 counts as two of a head of weight 1. A head of one loss a sequence beside one
/// of a loss a step counts as much as that if its weight is the usual number of steps.
///
/// **Outputs**: those of all heads side by side, K in all. A head that is pooled has its outputs of a sequence in the
/// row of that sequence's last step, and 0 in its other rows.
///
/// **Parameters**: `heads.NAME.weight`, `heads.NAME.bias` and so on, where a single head has `head.weight`.
///
/// **As text**: `several;slots,12,1.0,tags;intent,5,2.0,classes,pooling=last`: name, outputs, weight and text of each.
///
/// @param parts two or more
public record SeveralHeads(List<Part> parts) implements Head {
  private static final int MOST = 100;
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,30}");

  /// One of the heads.
  ///
  /// @param name of its parameters: small letters, digits and `_`
  /// @param head what its outputs mean
  /// @param weight how much a loss of it counts, above 0
  public record Part(String name, Head head, double weight) {
    /// Checks all of it.
    public Part {
      if (!NAME.matcher(Expect.given("name", name)).matches()) {
        throw new Refusal("name", "small letters, digits and _, a letter first, up to 31", name);
      }
      Expect.given("head", head);
      if (head instanceof SeveralHeads || head instanceof FactoredClasses) {
        throw new Refusal("head", "a head that is not the only one of a network", head.text());
      }
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new Refusal("weight", "a finite number above 0", weight);
      }
    }

    /// One whose losses count as they are.
    public Part(String name, Head head) {
      this(name, head, 1);
    }

    /// The name of the parameter that a single head would call `parameter`.
    public String rename(String parameter) {
      return "heads." + name + parameter.substring(parameter.indexOf('.'));
    }
  }

  /// Checks them.
  public SeveralHeads {
    parts = List.copyOf(Expect.given("heads", parts));
    if (parts.size() < 2 || parts.size() > MOST) {
      throw new Refusal("heads", "2 to " + MOST, parts.size());
    }
    Set<String> names = new HashSet<>();
    long outputs = 0;
    for (Part part : parts) {
      if (!names.add(part.name())) {
        throw new Refusal("heads", "a name of its own for each", part.name() + " twice");
      }
      outputs += part.head().outputs();
    }
    if (outputs > Integer.MAX_VALUE) {
      throw new Refusal("heads", "fewer than 2^31 outputs", outputs);
    }
  }

  /// Several heads.
  public static SeveralHeads of(Part... parts) {
    return new SeveralHeads(Arrays.asList(parts));
  }

  @Override
  public int outputs() {
    return first(parts.size());
  }

  /// In which column those of head `i` begin.
  private int first(int i) {
    return parts.stream().limit(i).mapToInt(part -> part.head().outputs()).sum();
  }

  /// The outputs of head `i`: a window.
  ///
  /// @param all the outputs of a network, `[T*B, K]`
  public Matrix outputs(Matrix all, int i) {
    return all.columns(first(i), parts.get(i).head().outputs());
  }

  /// That of all heads if they have the same.
  @Override
  public String unit() {
    Set<String> units = new HashSet<>();
    parts.forEach(part -> units.add(part.head().unit()));
    return units.size() == 1 ? parts.getFirst().head().unit() : "loss";
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder(HeadText.SEVERAL);
    for (Part part : parts) {
      text.append(HeadText.NEXT)
          .append(
              String.join(
                  ",",
                  part.name(),
                  Integer.toString(part.head().outputs()),
                  Double.toString(part.weight()),
                  part.head().text()));
    }
    return text.toString();
  }

  @Override
  public boolean takes(Targets targets) {
    if (!(targets instanceof SeveralTargets several) || several.parts().size() != parts.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      if (!parts.get(i).head().takes(several.parts().get(i).plain())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean isOfSteps() {
    return parts.stream().allMatch(part -> part.head().isOfSteps());
  }

  /// Those of all heads, one after the other.
  @Override
  public double[] prediction(Matrix outputs, int row) {
    return IntStream.range(0, parts.size())
        .mapToObj(i -> parts.get(i).head().prediction(outputs(outputs, i), row))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  @Override
  public Map<String, List<Integer>> shapes(int width, boolean hasWeight, boolean hasBias) {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    for (Part part : parts) {
      part.head()
          .shapes(width, true, hasBias)
          .forEach((name, shape) -> shapes.put(part.rename(name), shape));
    }
    return shapes;
  }
}
