package dev.unfold.bench.peer.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A protocol buffer message as it is written: its fields by their numbers.
final class Message {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private interface Field {
    void write(CodedOutputStream out) throws IOException;
  }

  Message number(int field, long value) {
    return add(out -> out.writeInt64(field, value));
  }

  Message text(int field, String value) {
    return add(out -> out.writeString(field, value));
  }

  Message bytes(int field, byte[] value) {
    return add(out -> out.writeByteArray(field, value));
  }

  Message message(int field, Message value) {
    return bytes(field, value.bytes());
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  private Message add(Field field) {
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      field.write(out);
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
