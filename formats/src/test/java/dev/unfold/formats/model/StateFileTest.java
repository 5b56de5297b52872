package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFileTest {
  @TempDir private Path folder;

  private static NetworkSpec spec(Cell cell, int hidden) {
    return new NetworkSpec(cell, new Encoder.Embedding(5, 4), hidden, 2, 5);
  }

  private static State state(NetworkSpec spec) {
    Network network = Network.create(spec, Backends.best(Precision.FLOAT), 1);
    return new Runner(network)
        .run(new Inputs.Tokens(new int[] {1, 2, 3, 4, 0, 1}, 0), network.zeroState(3))
        .state();
  }

  @Test
  void state_savedAndLoaded_isTheSame() {
    for (Cell cell : new Cell[] {Cells.lstm(), Cells.gru(), Cells.named("lstm_projected")}) {
      NetworkSpec spec = spec(cell, 6);
      State state = state(spec);
      Path file = folder.resolve(cell.name());
      StateFile.save(file, spec, state);
      State loaded = StateFile.load(file, spec, Precision.FLOAT);
      assertEquals(3, loaded.batch());
      for (int l = 0; l < 2; l++) {
        for (int s = 0; s < cell.states().size(); s++) {
          Matrix expected = state.layers().get(l).get(s);
          Matrix got = loaded.layers().get(l).get(s);
          assertTrue(Arrays.equals(expected.buffer().toArray(), got.buffer().toArray()));
        }
      }
    }
  }

  @Test
  void bytes_ofState_areThoseOfItsFileAndAreReadAlike() throws Exception {
    NetworkSpec spec = spec(Cells.lstm(), 6);
    State state = state(spec);
    Path file = folder.resolve("state");
    StateFile.save(file, spec, state);
    byte[] bytes = StateFile.bytes(spec, state);

    assertTrue(Arrays.equals(Files.readAllBytes(file), bytes));
    State read = StateFile.read("body", bytes, spec, Precision.FLOAT);
    assertTrue(Arrays.equals(bytes, StateFile.bytes(spec, read)));
  }

  @Test
  void read_ofBytesThatAreCut_isRefusedAsAFileIs() {
    NetworkSpec spec = spec(Cells.lstm(), 6);
    byte[] bytes = StateFile.bytes(spec, state(spec));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      FormatException e =
          assertThrows(
              FormatException.class,
              () -> StateFile.read("body", cut, spec, Precision.FLOAT));
      assertTrue(e.getMessage().startsWith("body: "), e::getMessage);
    }
  }

  @Test
  void load_ofAnotherNetworksState_isRefused() throws Exception {
    NetworkSpec spec = spec(Cells.lstm(), 6);
    Path file = folder.resolve("state");
    StateFile.save(file, spec, state(spec));
    refused("tensor \"h_l0\": expected [3, 7], got [3, 6]", file, spec(Cells.lstm(), 7));
    refused("\"cell\": expected \"gru\", got \"lstm\"", file, spec(Cells.gru(), 6));
    NetworkSpec deeper = new NetworkSpec(Cells.lstm(), new Encoder.Embedding(5, 4), 6, 3, 5);
    refused("tensor \"h_l2\": expected [3, 6], found none", file, deeper);
    NetworkSpec flatter = new NetworkSpec(Cells.lstm(), new Encoder.Embedding(5, 4), 6, 1, 5);
    refused("expected 2 tensors, got 4", file, flatter);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
    refused("state", file, spec);
    assertThrows(
        IllegalArgumentException.class,
        () -> StateFile.save(file, spec, state(spec(Cells.gru(), 6))));
  }

  private static void refused(String message, Path file, NetworkSpec spec) {
    FormatException error =
        assertThrows(FormatException.class, () -> StateFile.load(file, spec, Precision.FLOAT));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
