package dev.unfold.cli.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
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
      other.write("one\nhal".getBytes(StandardCharsets.US_ASCII));
      other.flush();
      assertEquals("one\n", new String(input.readNBytes(4), StandardCharsets.US_ASCII));
      Thread reader = Thread.currentThread();
      Thread.ofPlatform()
          .start(() -> {
            while (reader.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
            input.stop();
          });
      assertEquals(-1, input.read());
    }
  }

  @Test
  void input_thatNobodyReads_takesNothingOfTheOther() throws Exception {
    ByteArrayInputStream other = new ByteArrayInputStream(new byte[9]);
    try (StoppableInput input = new StoppableInput(other)) {
      Thread.sleep(50);
      assertEquals(9, other.available());
      assertEquals(0, input.read());
      assertEquals(0, other.available());
    }
  }

  @Test
  void input_thatFails_givesWhatCameBefore() throws Exception {
    InputStream failing =
        new SequenceInputStream(
            new ByteArrayInputStream("one\ntwo".getBytes(StandardCharsets.US_ASCII)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("gone");
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("gone");
              }
            });
    try (StoppableInput input = new StoppableInput(failing)) {
      assertEquals("one\ntwo", new String(input.readNBytes(7), StandardCharsets.US_ASCII));
      assertEquals("gone", assertThrows(IOException.class, input::read).getMessage());
    }
  }
}
