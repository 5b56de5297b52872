package dev.unfold.cli.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class StoppableInputTest {
  @Test
  void input_hasTheBytesOfTheOther() throws Exception {
    byte[] bytes = new byte[200_000];
    SplittableRandom random = new SplittableRandom(1);
    random.nextBytes(bytes);
    try (StoppableInput input = new StoppableInput(new ByteArrayInputStream(bytes))) {
      assertArrayEquals(bytes, input.readAllBytes());
      assertEquals(-1, input.read());
    }
  }

  @Test
  void input_thatIsStoppedWhileSomebodyWaits_ends() throws Exception {
    try (PipedOutputStream other = new PipedOutputStream();
        StoppableInput input = new StoppableInput(new PipedInputStream(other))) {
      other.write(7);
      other.flush();
      assertEquals(7, input.read());
      Thread.ofVirtual().start(input::stop);
      assertEquals(-1, input.read());
    }
  }
}
