package dev.unfold.formats.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Safetensors files put together by hand, right and wrong ones.
public final class Crafted {
  private Crafted() {}

  /// A file with this header, whatever it says, and as many bytes of data.
  public static byte[] file(String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, new byte[dataBytes]);
  }

  /// A file that claims a length of its header, whatever it is.
  public static byte[] file(long claimed, byte[] header, byte[] data) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed).array());
    file.writeBytes(header);
    file.writeBytes(data);
    return file.toByteArray();
  }

  public static Path write(Path folder, byte[] content) throws IOException {
    return Files.write(folder.resolve("crafted.safetensors"), content);
  }
}
