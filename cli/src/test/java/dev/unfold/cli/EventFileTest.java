package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.unfold.run.folder.EventFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is written for TensorBoard, read by the library of the format.
final class EventFileTest {
  @TempDir private Path folder;

  /// CRC-32C bit by bit, with the rotation and the constant of the format.
  private static int masked(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= Byte.toUnsignedInt(b);
      for (int i = 0; i < 8; i++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static List<UnknownFieldSet> events(Path file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<UnknownFieldSet> events = new ArrayList<>();
    while (all.hasRemaining()) {
      byte[] length = new byte[8];
      all.get(all.position(), length);
      byte[] data = new byte[(int) all.getLong()];
      assertEquals(masked(length), all.getInt());
      all.get(data);
      assertEquals(masked(data), all.getInt());
      events.add(UnknownFieldSet.parseFrom(data));
    }
    return events;
  }

  private static UnknownFieldSet message(UnknownFieldSet of, int field) throws IOException {
    return UnknownFieldSet.parseFrom(bytes(of, field));
  }

  private static ByteString bytes(UnknownFieldSet of, int field) {
    return of.getField(field).getLengthDelimitedList().getFirst();
  }

  private static float value(UnknownFieldSet number) {
    return Float.intBitsToFloat(number.getField(2).getFixed32List().getFirst());
  }

  @Test
  void file_ofNumbers_holdsThem() throws IOException {
    Path path = folder.resolve("events");
    EventFile file = new EventFile(path);
    file.write(List.of(), 1.5);
    long step = 123_456_789_012L;
    file.add(new EventFile.Entry(2.5, step, "validation/loss", 0.1));
    List<UnknownFieldSet> events = events(path);
    assertEquals(2, events.size());
    assertEquals("brain.Event:2", bytes(events.getFirst(), 3).toStringUtf8());
    UnknownFieldSet event = events.getLast();
    assertEquals(2.5, Double.longBitsToDouble(event.getField(1).getFixed64List().getFirst()));
    assertEquals(step, event.getField(2).getVarintList().getFirst());
    UnknownFieldSet number = message(message(event, 5), 1);
    assertEquals("validation/loss", bytes(number, 1).toStringUtf8());
    assertEquals(0.1f, value(number));
  }

  @Test
  void run_inAFolder_hasTheNumbersOfItsMetrics() throws IOException {
    Path text = Texts.write(folder.resolve("text.txt"), 400);
    Path run = folder.resolve("run");
    Cli.printed(
        "train",
        "text",
        text,
        "--hidden",
        8,
        "--steps",
        8,
        "--batch",
        4,
        "--epochs",
        2,
        "--run",
        run,
        "--out",
        folder.resolve("m.safetensors"));
    List<JsonNode> metrics = Cli.jsonLines(Files.readString(run.resolve("metrics.jsonl")));
    List<Float> losses = new ArrayList<>();
    for (UnknownFieldSet event : events(run.resolve("events.out.tfevents.unfold"))) {
      if (event.hasField(5)) {
        UnknownFieldSet number = message(message(event, 5), 1);
        if (bytes(number, 1).toStringUtf8().endsWith("/loss")) {
          losses.add(value(number));
        }
      }
    }
    assertTrue(metrics.size() > 4, metrics::toString);
    assertEquals(
        metrics.stream()
            .map(line -> (float) line.path(line.has("loss") ? "loss" : "validation").asDouble())
            .toList(),
        losses);
  }
}
