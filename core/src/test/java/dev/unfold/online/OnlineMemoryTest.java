package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.RemoteKernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import org.junit.jupiter.api.Test;

final class OnlineMemoryTest {
  @Test
  void rules_onMemoryThatIsNotTheHosts_areRefused() {
    Kernels remote = RemoteKernels.of(Backends.named("scalar", Precision.DOUBLE));
    NetworkSpec spec = new NetworkSpec(Cells.named("elman"), new Encoder.Vectors(2), 3, 1, 2);
    Network network = Network.zeros(spec, remote);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> OnlineGradient.of(network, Team.of(1), 1, new OnlineRule.Immediate()))
            .getMessage();
    assertTrue(message.startsWith("network: expected one in the host's memory, got "), message);
  }
}
