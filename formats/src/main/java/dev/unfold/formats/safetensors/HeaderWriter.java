package dev.unfold.formats.safetensors;

import dev.unfold.argument.Refusal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Writes a header and its length.
final class HeaderWriter {
  /// Data begin at a multiple of this, one cache line, so that a mapped file can be used in place.
  private static final int ALIGNMENT = 64;

  private static final JsonFactory JSON = new JsonFactory();

  private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
  private final Set<String> names = new HashSet<>();

  /// The bytes before the data of `tensors`, which follow one another in this order.
  ByteBuffer write(Map<String, String> metadata, List<Tensor> tensors) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
      generator.writeStartObject();
      if (!metadata.isEmpty()) {
        writeMetadata(generator, new TreeMap<>(metadata));
      }
      long begin = 0;
      for (Tensor tensor : tensors) {
        checkName(tensor.name());
        writeTensor(generator, tensor, begin);
        begin = Math.addExact(begin, tensor.bytes());
      }
      generator.writeEndObject();
    }
    return framed(json.toByteArray());
  }

  private void writeMetadata(JsonGenerator generator, Map<String, String> metadata) {
    generator.writeName(Header.METADATA);
    generator.writeStartObject();
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      checkText("metadata key", entry.getKey());
      checkText("metadata " + Quote.of(entry.getKey()), entry.getValue());
      generator.writeName(entry.getKey());
      generator.writeString(entry.getValue());
    }
    generator.writeEndObject();
  }

  private static void writeTensor(JsonGenerator generator, Tensor tensor, long begin) {
    generator.writeName(tensor.name());
    generator.writeStartObject();
    generator.writeName("dtype");
    generator.writeString(tensor.dtype().name());
    generator.writeName("shape");
    generator.writeStartArray();
    tensor.shape().forEach(generator::writeNumber);
    generator.writeEndArray();
    generator.writeName("data_offsets");
    generator.writeStartArray();
    generator.writeNumber(begin);
    generator.writeNumber(begin + tensor.bytes());
    generator.writeEndArray();
    generator.writeEndObject();
  }

  private void checkName(String name) {
    checkText("tensor name", name);
    if (name.equals(Header.METADATA)) {
      throw new IllegalArgumentException("tensor name: " + Header.METADATA + " is reserved");
    }
    if (!names.add(name)) {
      throw new Refusal("tensors", "each name once", Quote.of(name) + " twice");
    }
  }

  /// Half a surrogate pair has no UTF-8 form, and would be replaced unnoticed.
  private void checkText(String what, String text) {
    if (!encoder.canEncode(text)) {
      throw new Refusal(what, "valid Unicode", "a lone surrogate in " + Quote.of(text));
    }
  }

  private static ByteBuffer framed(byte[] json) {
    long end = Math.ceilDiv((long) Header.PREFIX + json.length, ALIGNMENT) * ALIGNMENT;
    long length = end - Header.PREFIX;
    if (length > Header.LONGEST) {
      throw new Refusal(
          "metadata and tensors", "a header of at most %d bytes".formatted(Header.LONGEST), length);
    }
    ByteBuffer framed = ByteBuffer.allocate((int) end).order(ByteOrder.LITTLE_ENDIAN);
    framed.putLong(length).put(json);
    while (framed.hasRemaining()) {
      framed.put((byte) ' ');
    }
    return framed.flip();
  }
}
