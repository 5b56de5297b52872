package dev.unfold.formats.keras;

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
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keras files from strangers.
final class MutatedKerasFilesTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  private final KerasFormat format = new KerasFormat();

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
    return List.of(
        oneOf(tokens, ".keras"), oneOf(both, ".keras"), oneOf(both, ".weights.h5"), legacy());
  }

  private MutatedFiles.Case oneOf(NetworkSpec spec, String ending) throws IOException {
    Path file = folder.resolve("model" + ending);
    format.write(file, NetworkModel.of(Network.create(spec, KERNELS, 1)), ExportOptions.defaults());
    return oneOf(file, ending);
  }

  private MutatedFiles.Case oneOf(Path file, String ending) throws IOException {
    return new MutatedFiles.Case(
        ending,
        ending.equals(".keras"),
        Files.readAllBytes(file),
        path -> format.read(path, ImportOptions.defaults(KERNELS)));
  }

  private MutatedFiles.Case legacy() throws IOException {
    Path path = folder.resolve("legacy.h5");
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putAttribute("keras_version", "2.2.4");
      file.putAttribute(
          "model_config",
          "{\"class_name\":\"Sequential\",\"config\":[{\"class_name\":\"LSTM\",\"config\":{"
              + "\"name\":\"r\",\"activation\":\"tanh\",\"recurrent_activation\":\"sigmoid\"}}]}");
      WritableGroup own = file.putGroup("model_weights").putGroup("r");
      own.putAttribute("weight_names", new String[] {"r/kernel:0", "r/recurrent_kernel:0"});
      WritableGroup inner = own.putGroup("r");
      inner.putDataset("kernel:0", new float[3][8]);
      inner.putDataset("recurrent_kernel:0", new float[2][8]);
    }
    return oneOf(path, ".h5");
  }
}
