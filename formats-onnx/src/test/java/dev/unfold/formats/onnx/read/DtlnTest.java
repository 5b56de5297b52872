package dev.unfold.formats.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtException;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.graph.GraphStream;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.onnx.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A trained model of speech, frame by frame, beside ONNX Runtime.
final class DtlnTest {
  private static final int FRAMES = 64;

  /// Of outputs as they are, which are shares and sound from -1 to 1, and of states relative to the largest. Sums are
  /// in double here, and in float there.
  private static final double BOUND = 1e-6;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"model_1.onnx", "model_2.onnx"})
  void step_overFrames_isWhatOnnxRuntimeSays(String name) throws IOException, OrtException {
    Path file = Shared.folder("data", "dtln").resolve(name);
    assumeTrue(Files.isRegularFile(file), () -> "SKIPPED: no " + file);
    Graph read = OnnxFile.read(file).graph();
    Path saved = folder.resolve("graph.safetensors");
    GraphFile.save(saved, read);
    GraphStream stream = new GraphStream(GraphFile.load(saved));
    assertEquals(1, stream.states().size());
    String state = stream.states().keySet().iterator().next();
    String next = stream.states().get(state);
    ValueInfo input = read.inputs().getFirst();
    List<Integer> shape = input.shape().orElseThrow().stream().map(d -> d.size()).toList();
    SplittableRandom random = new SplittableRandom(1);
    Map<String, GraphTensor> given = new HashMap<>();
    given.put(state, GraphTensor.zeros(NumberType.FLOAT32, List.of(1, 2, 128, 2)));
    Difference[] seen = {Difference.NONE, Difference.NONE};
    try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(file))) {
      for (int t = 0; t < FRAMES; t++) {
        double[] frame = new double[shape.getLast()];
        // The first half reads magnitudes of frequencies, the second one sound.
        boolean isSound = name.equals("model_2.onnx");
        Arrays.setAll(frame, i -> isSound ? random.nextDouble(-0.1, 0.1) : random.nextDouble());
        GraphTensor x = GraphTensor.of(NumberType.FLOAT32, shape, frame);
        given.put(input.name(), x);
        Map<String, GraphTensor> expected = runtime.run(given);
        Map<String, GraphTensor> got = stream.step(Map.of(input.name(), x));
        String output = got.keySet().iterator().next();
        seen[0] = seen[0].and(Difference.of(expected.get(output), got.get(output)));
        seen[1] = seen[1].and(Difference.of(expected.get(next), stream.now().get(state)));
        given.put(state, expected.get(next));
      }
    }
    System.out.printf(
        "%s: output %.2e (%.2e of the largest), states %.2e (%.2e)%n",
        name, seen[0].absolute(), seen[0].relative(), seen[1].absolute(), seen[1].relative());
    assertTrue(seen[0].absolute() <= BOUND && seen[1].relative() <= BOUND, Arrays.toString(seen));
  }
}
