package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.TensorInfo;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// Arguments that cannot be used are refused where they enter, by name.
final class ArgumentTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);
  private static final NetworkSpec SPEC = NetworkSpec.tokens(Cells.lstm(), 2, 3, 4);

  @TempDir private Path folder;

  @Test
  void null_asAnyArgument_isNamed() {
    Path file = folder.resolve("file");
    Network network = Network.create(SPEC, KERNELS, 1);
    Model model = LanguageModel.of(network, "CHAR", List.of("a", "b"));
    HostBuffer numbers = HostBuffer.allocate(ElementType.FLOAT32, 1);
    Map<String, String> texts = Map.of();
    List<Tensor> tensors = List.of(new Tensor("a", List.of(1L), numbers, 0));
    SafetensorsWriter.write(file, texts, tensors);
    State state = network.zeroState(1);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      Map<Executable, String> calls =
          Map.ofEntries(
              Map.entry(() -> new Tensor(null, List.of(), numbers, 0), "name"),
              Map.entry(() -> new Tensor("a", null, numbers, 0), "shape"),
              Map.entry(() -> new Tensor("a", List.of(), null, 0), "values"),
              Map.entry(() -> new TensorInfo("a", null, List.of(), 0, 0), "dtype"),
              Map.entry(() -> SafetensorsWriter.write(null, texts, tensors), "path"),
              Map.entry(() -> SafetensorsWriter.write(file, null, tensors), "metadata"),
              Map.entry(() -> SafetensorsWriter.write(file, texts, null), "tensors"),
              Map.entry(() -> SafetensorsReader.open(null), "path"),
              Map.entry(() -> reader.read(null, numbers, 0), "name"),
              Map.entry(() -> reader.read("a", null, 0), "target"),
              Map.entry(() -> reader.readFinite("a", null, 0), "target"),
              Map.entry(() -> ModelFile.save(null, model), "path"),
              Map.entry(() -> ModelFile.save(file, (Model) null), "model"),
              Map.entry(() -> ModelFile.load(null, KERNELS), "path"),
              Map.entry(() -> ModelFile.load(file, null), "kernels"),
              Map.entry(() -> ModelFile.loadLanguage(file, null), "kernels"),
              Map.entry(() -> ModelFile.load(file, KERNELS, null), "cell"),
              Map.entry(() -> ModelFile.isModel(null), "path"),
              Map.entry(() -> StateFile.save(null, SPEC, state), "path"),
              Map.entry(() -> StateFile.save(file, null, state), "spec"),
              Map.entry(() -> StateFile.save(file, SPEC, null), "state"),
              Map.entry(() -> StateFile.load(null, SPEC, Precision.FLOAT), "path"),
              Map.entry(() -> StateFile.load(file, null, Precision.FLOAT), "spec"),
              Map.entry(() -> StateFile.load(file, SPEC, null), "precision"),
              Map.entry(() -> CheckpointFile.save(null, model, null), "path"),
              Map.entry(() -> CheckpointFile.save(file, null, null), "run"),
              Map.entry(() -> CheckpointFile.save(file, model, null), "state"),
              Map.entry(() -> CheckpointFile.load(null, model), "path"),
              Map.entry(() -> CheckpointFile.load(file, null), "run"),
              Map.entry(() -> LanguageModel.of(null, "CHAR", List.of()), "network"),
              Map.entry(() -> LanguageModel.of(network, null, List.of()), "unit"),
              Map.entry(() -> LanguageModel.of(network, "CHAR", null), "vocabulary"),
              Map.entry(() -> SetModel.of(null), "network"),
              Map.entry(() -> new SetModel(network, null), "provenance"),
              Map.entry(() -> new Provenance.Beginning(1, null), "initialization"),
              Map.entry(() -> new Provenance.DataFile(null, 0, ""), "name"));
      calls.forEach((call, name) -> {
        NullPointerException e = assertThrows(NullPointerException.class, call, name);
        assertTrue(String.valueOf(e.getMessage()).startsWith(name + ": expected "), e.getMessage());
      });
    }
    assertTrue(model.provenance().equals(Optional.empty()));
  }

  @Test
  void save_ofAnotherNetworksState_isRefused() {
    Path file = folder.resolve("state");
    State wide = State.zeros(NetworkSpec.tokens(Cells.lstm(), 2, 3, 5), Precision.FLOAT, 2);
    refused("state: h_l0: expected [2, 4], got [2, 5]", () -> StateFile.save(file, SPEC, wide));
    State none = State.zeros(SPEC, Precision.FLOAT, 1).rows();
    refused("state: h_l0: expected [1, 4], got [0, 4]", () -> StateFile.save(file, SPEC, none));
    State gru = State.zeros(NetworkSpec.tokens(Cells.gru(), 2, 3, 4), Precision.FLOAT, 2);
    refused("state: expected 2 of [h_l0, c_l0], got 1", () -> StateFile.save(file, SPEC, gru));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
