package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.gradient.Engine;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.online.KeptInfluence;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Progress;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingOptions;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models, states and checkpoints that were changed are read or refused: nothing else is thrown, and no memory is taken
/// that the file only claims.
final class MutatedFilesTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);

  /// What reading a small file takes: a network's objects, and the parser's own buffers. Seen: 0.9 million.
  private static final long HEAP_BYTES = 4_000_000;

  /// What a small network takes outside the heap. Seen: 70,000.
  private static final long DIRECT_BYTES = 1_000_000;

  private static final BufferPoolMXBean DIRECT =
      ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
          .filter(pool -> pool.getName().equals("direct"))
          .findFirst()
          .orElseThrow();

  @TempDir private Path folder;

  /// A file and how it is read.
  private record Case(String name, byte[] content, Reading reading) {}

  private interface Reading {
    void read(Path file);
  }

  @Test
  void load_ofMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    mutate(4_000);
  }

  @Test
  @Tag("slow")
  void load_ofAMillionMutatedFiles_readsOrRefusesWithLittleMemory() throws IOException {
    mutate(1_000_000);
  }

  private void mutate(int mutations) throws IOException {
    long seed = Long.getLong("unfold.seed", 20261201L);
    System.out.printf("%d mutations, seed %d (-Dunfold.seed=%d)%n", mutations, seed, seed);
    List<Case> cases = cases();
    for (Case valid : cases) {
      Path file = Files.write(folder.resolve(valid.name()), valid.content());
      valid.reading().read(file);
    }
    Map<String, int[]> outcomes = new TreeMap<>();
    for (int i = 0; i < mutations; i++) {
      Case valid = cases.get(i % cases.size());
      byte[] mutated = new Mutations(seed + i).of(valid.content());
      // A new file each time: to write over one makes some file systems wait for the disk.
      Path file = Files.write(folder.resolve("mutated" + i), mutated);
      boolean isRead = isRead(valid, file, mutated.length, "seed " + (seed + i));
      outcomes.computeIfAbsent(valid.name(), name -> new int[2])[isRead ? 1 : 0]++;
      Files.delete(file);
    }
    outcomes.forEach((name, counts) -> {
      System.out.printf("%s: refused %d, read %d%n", name, counts[0], counts[1]);
      assertTrue(counts[0] > counts[1] && counts[1] > 0, name);
    });
  }

  private static boolean isRead(Case valid, Path file, int length, String which) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long heap = threads.getCurrentThreadAllocatedBytes();
    long direct = DIRECT.getMemoryUsed();
    boolean isRead = true;
    try {
      valid.reading().read(file);
    } catch (FormatException | Refusal e) {
      // A checkpoint whose options have changed is refused as that of another run.
      isRead = false;
      assertTrue(e.getMessage().startsWith(file.toString()), which + ": " + e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), which);
    } catch (RuntimeException | Error e) {
      fail(which + ", " + valid.name() + ": expected FormatException, got " + e, e);
    }
    long heapBytes = threads.getCurrentThreadAllocatedBytes() - heap;
    long directBytes = DIRECT.getMemoryUsed() - direct;
    assertTrue(heapBytes < HEAP_BYTES + 32L * length, which + ": " + heapBytes + " bytes of heap");
    assertTrue(directBytes < DIRECT_BYTES + 32L * length, which + ": " + directBytes + " bytes");
    return isRead;
  }

  private List<Case> cases() throws IOException {
    NetworkSpec plain = NetworkSpec.tokens(Cells.lstm(), 5, 3, 4);
    NetworkSpec tied =
        new NetworkSpec(
            Cells.named("lstm_projected").withSize("P", 3),
            new Encoder.Embedding(5, 3),
            4,
            1,
            new FactoredClasses(5),
            Set.of(Wiring.TIED));
    NetworkSpec vectors =
        new NetworkSpec(Cells.gru(), new Encoder.Vectors(6), 4, 2, new Head.Sets(6));
    Encoder table =
        new Encoder.Columns(2, List.of(new Encoder.Embedding(5, 3), new Encoder.Embedding(7, 2)));
    NetworkSpec columns = new NetworkSpec(Cells.gru(), table, 4, 1, 3);
    NetworkSpec layers =
        new NetworkSpec(
            new Encoder.Vectors(2),
            List.of(new LayerSpec(Cells.lstm(), 4), new LayerSpec(Cells.gru(), 3)),
            new Head.Classes(3));
    return List.of(
        model("text", language(plain)),
        model("tied", language(tied)),
        model("columns", NetworkModel.of(Network.create(columns, KERNELS, 1))),
        model("layers", NetworkModel.of(Network.create(layers, KERNELS, 1))),
        model("sets", SetModel.of(Network.create(vectors, KERNELS, 1))),
        state(plain),
        checkpoint(plain));
  }

  private static Model language(NetworkSpec spec) {
    Model model =
        LanguageModel.of(
            Network.create(spec, KERNELS, 1), "CHAR", List.of("a", "b", "\n", "é", "\uFFFD"));
    return model.withProvenance(
        new Provenance(
            "0.1.0",
            new Provenance.Beginning(1, Initialization.defaults()),
            TrainingOptions.defaults().withEngine(new Engine.Online("snap1", 2)),
            List.of(new Provenance.DataFile("a.txt", 77, "abc")),
            List.of(),
            new Provenance.Progress(9, 2, 1.5)));
  }

  private Case model(String name, Model model) throws IOException {
    Path file = folder.resolve(name);
    ModelFile.save(file, model);
    return new Case(name, Files.readAllBytes(file), path -> ModelFile.load(path, KERNELS));
  }

  private Case state(NetworkSpec spec) throws IOException {
    Path file = folder.resolve("state");
    StateFile.save(file, spec, started(Network.create(spec, KERNELS, 1)));
    return new Case(
        "state", Files.readAllBytes(file), path -> StateFile.load(path, spec, Precision.FLOAT));
  }

  private static State started(Network network) {
    return new Runner(network)
        .run(new Inputs.Tokens(new int[] {1, 2}, 0), network.zeroState(2))
        .state();
  }

  private static KeptInfluence influence(Network network) {
    Matrix numbers = Matrix.allocate(network.kernels().type(), 2, 3);
    numbers.set(1, 2, 0.5);
    return new KeptInfluence(3, 1, List.of(numbers));
  }

  private Case checkpoint(NetworkSpec spec) throws IOException {
    Model run = language(spec);
    Network network = run.network();
    TrainerState state =
        new TrainerState(
            network.parameters().copy(),
            network.parameters().copy(),
            Map.of("slot0", network.parameters().zeros(), "average", network.parameters().copy()),
            Optional.of(started(network)),
            Optional.of(influence(network)),
            new Progress(
                4,
                2,
                6,
                1,
                3,
                1,
                Optional.of(new Evaluation(2.5, 9)),
                1.5,
                3,
                0,
                1,
                7.5,
                11,
                0.5,
                List.of(1.5, 1.25)));
    Path file = folder.resolve("checkpoint");
    CheckpointFile.save(file, run, state);
    return new Case("checkpoint", Files.readAllBytes(file), path -> CheckpointFile.load(path, run));
  }
}
