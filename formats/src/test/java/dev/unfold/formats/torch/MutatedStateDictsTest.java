package dev.unfold.formats.torch;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.MutatedFiles;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// State dicts from strangers.
final class MutatedStateDictsTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  @Test
  void read_ofMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    MutatedFiles.check(folder, 3_000, cases());
  }

  @Test
  @Tag("slow")
  void read_ofAMillionMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    MutatedFiles.check(folder, 1_000_000, cases());
  }

  private List<MutatedFiles.Case> cases() throws IOException {
    NetworkSpec tokens =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(6, 3), 2, 2, new Head.Classes(6));
    NetworkSpec both =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(3),
            2,
            1,
            new Head.Classes(2),
            Set.of(Wiring.BIDIRECTIONAL));
    return List.of(oneOf(tokens, ".pt"), oneOf(both, ".pth"), oneOf(tokens, ".safetensors"));
  }

  private MutatedFiles.Case oneOf(NetworkSpec spec, String ending) throws IOException {
    TorchFormat format = new TorchFormat();
    Path file = folder.resolve("model" + ending);
    format.write(file, NetworkModel.of(Network.create(spec, KERNELS, 1)), ExportOptions.defaults());
    return new MutatedFiles.Case(
        ending,
        !ending.equals(".safetensors"),
        Files.readAllBytes(file),
        path ->
            format.read(
                path,
                new ImportOptions(Map.of("rest", "ignore", "nonlinearity", "tanh"), KERNELS)));
  }
}
