package dev.unfold.formats.onnx.read;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Counts the messages and texts of a file before objects are made of them. One takes two bytes of a file if there is
/// nothing in it, and some fifty times as much in memory; files that are nothing but such parts are refused.
final class PartCount {
  private static final long FREE = 100_000;
  private static final long BYTES_EACH = 32;

  private final CodedInputStream input;
  private final long most;
  private long count;

  private PartCount(CodedInputStream input, long most) {
    this.input = input;
    this.most = most;
  }

  /// **Errors**: [IllegalArgumentException] if there are too many; [IOException] if it is no such file.
  static void expectFew(Path path, long bytes, Descriptor message, int deepest) throws IOException {
    try (InputStream stream = Files.newInputStream(path)) {
      CodedInputStream coded = CodedInputStream.newInstance(stream);
      coded.setSizeLimit((int) bytes);
      new PartCount(coded, FREE + bytes / BYTES_EACH).scan(message, deepest);
    }
  }

  private void scan(Descriptor message, int left) throws IOException {
    if (left == 0) {
      throw new IllegalArgumentException("expected messages that are less deep");
    }
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean isPart = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (!isPart && field != null) {
        input.skipField(tag);
        continue;
      }
      if (++count > most) {
        throw new IllegalArgumentException(
            "expected at most " + most + " parts for a file of this size");
      }
      if (field == null || field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        input.skipField(tag);
        continue;
      }
      int outer = input.pushLimit(input.readRawVarint32());
      scan(field.getMessageType(), left - 1);
      input.popLimit(outer);
    }
  }
}
