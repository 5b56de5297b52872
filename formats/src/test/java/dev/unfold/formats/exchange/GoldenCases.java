package dev.unfold.formats.exchange;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Golden cases: networks that PyTorch ran in double, made by others and kept outside the project, in the folder that
/// `UNFOLD_GOLDEN` names, or in `../shared/golden` beside the repository.
public final class GoldenCases {
  private GoldenCases() {}

  private static Path folder() {
    String named = System.getenv("UNFOLD_GOLDEN");
    Path start = Path.of("").toAbsolutePath();
    Path root =
        Stream.<Path>iterate(start, at -> at != null, Path::getParent)
            .filter(at -> Files.exists(at.resolve("core/pom.xml")))
            .findFirst()
            .orElseThrow();
    return named != null && !named.isBlank()
        ? root.resolve(named)
        : root.resolveSibling("shared").resolve("golden");
  }

  /// A case by its name. If it is not there, the test is left out, and says so.
  public static JsonNode read(String name) {
    Path file = folder().resolve(name + ".json");
    boolean isThere = Files.exists(file);
    if (!isThere) {
      System.out.printf("NOT TESTED: expected the golden case %s, found none%n", file);
    }
    assumeTrue(isThere);
    return JsonMapper.builder().build().readTree(file);
  }

  /// The numbers of a tensor.
  public static double[] numbers(JsonNode tensor) {
    JsonNode data = tensor.get("data");
    double[] numbers = new double[data.size()];
    Arrays.setAll(numbers, i -> data.get(i).asDouble());
    return numbers;
  }

  /// The parameters of a case, called by `names` of PyTorch's names.
  public static List<Tensor> parameters(JsonNode golden, UnaryOperator<String> names) {
    return golden.get("params").properties().stream()
        .map(entry -> tensor(names.apply(entry.getKey()), entry.getValue()))
        .toList();
  }

  private static Tensor tensor(String name, JsonNode tensor) {
    List<Long> shape = new ArrayList<>();
    tensor.get("shape").forEach(size -> shape.add(size.asLong()));
    return new Tensor(name, shape, HostBuffer.of(ElementType.FLOAT64, numbers(tensor)), 0);
  }
}
