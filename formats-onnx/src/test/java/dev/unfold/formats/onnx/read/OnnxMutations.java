package dev.unfold.formats.onnx.read;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.unfold.formats.onnx.message.ModelProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Changes of a file: of bytes, as accidents make them, and of fields, as somebody would make them who knows the
/// format. A seed always gives the same.
final class OnnxMutations {
  private static final List<Long> NUMBERS =
      List.of(
          0L,
          1L,
          2L,
          3L,
          4L,
          7L,
          9L,
          11L,
          -1L,
          -2L,
          1000L,
          65536L,
          50_000_000L,
          2147483647L,
          2147483648L,
          4294967297L,
          Long.MAX_VALUE,
          Long.MIN_VALUE);

  private static final List<String> TEXTS =
      List.of(
          "",
          "x",
          "y",
          "w",
          "all",
          "h",
          "If",
          "Scan",
          "Conv",
          "ConvTranspose",
          "Expand",
          "Tile",
          "Range",
          "Pad",
          "LSTM",
          "RNN",
          "MatMul",
          "Gather",
          "Split",
          "Concat",
          "Squeeze",
          "axis",
          "axes",
          "perm",
          "pads",
          "body",
          "clip",
          "layout",
          "direction",
          "reverse",
          "\u0000\n\u202e",
          "x".repeat(2000));

  private final SplittableRandom random;

  OnnxMutations(long seed) {
    random = new SplittableRandom(seed);
  }

  byte[] of(byte[] file, String name) {
    byte[] mutated = file.clone();
    if (name.endsWith(".onnx") && random.nextInt(4) > 0) {
      mutated = fields(file);
    } else if (!name.endsWith(".onnx") && random.nextInt(4) > 0) {
      return header(file);
    }
    return random.nextInt(3) == 0 || Arrays.equals(mutated, file) ? damaged(mutated) : mutated;
  }

  private byte[] fields(byte[] file) {
    try {
      Message.Builder model = ModelProto.parseFrom(file).toBuilder();
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        change(model);
      }
      return model.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /// Goes down to some field, and changes it.
  private void change(Message.Builder message) {
    Map<FieldDescriptor, Object> all = message.getAllFields();
    List<FieldDescriptor> fields = new ArrayList<>(all.keySet());
    if (fields.isEmpty()) {
      return;
    }
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    if (!field.isRepeated()) {
      if (isMessage && random.nextInt(20) > 0) {
        change(message.getFieldBuilder(field));
      } else if (isMessage || random.nextInt(10) == 0) {
        message.clearField(field);
      } else {
        message.setField(field, value(field, message.getField(field)));
      }
      return;
    }
    int count = message.getRepeatedFieldCount(field);
    int at = random.nextInt(count);
    switch (random.nextInt(isMessage ? 12 : 4)) {
      case 0 -> message.addRepeatedField(field, message.getRepeatedField(field, at));
      case 1 -> {
        List<Object> left = new ArrayList<>((List<?>) message.getField(field));
        left.remove(at);
        message.setField(field, left);
      }
      default -> {
        if (isMessage) {
          change(message.getRepeatedFieldBuilder(field, at));
        } else {
          message.setRepeatedField(field, at, value(field, message.getRepeatedField(field, at)));
        }
      }
    }
  }

  private Object value(FieldDescriptor field, Object before) {
    return switch (field.getJavaType()) {
      case INT -> NUMBERS.get(random.nextInt(NUMBERS.size())).intValue();
      case LONG -> NUMBERS.get(random.nextInt(NUMBERS.size()));
      case FLOAT -> random.nextBoolean() ? Float.NaN : random.nextFloat() * 1e30f;
      case DOUBLE -> random.nextDouble();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
      case BYTE_STRING ->
          random.nextBoolean()
              ? ByteString.copyFromUtf8(TEXTS.get(random.nextInt(TEXTS.size())))
              : ByteString.copyFrom(damaged(((ByteString) before).toByteArray()));
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case MESSAGE -> before;
    };
  }

  /// Changes numbers and texts of a file of a graph, whose header is JSON.
  private byte[] header(byte[] file) {
    String all = new String(file, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      int at = 8 + random.nextInt(Math.max(1, all.length() - 8));
      boolean isDigit = Character.isDigit(all.charAt(at));
      String number = Long.toString(NUMBERS.get(random.nextInt(NUMBERS.size())));
      String other = isDigit && number.length() == 1 ? number : changed(all.charAt(at));
      all = all.substring(0, at) + other + all.substring(at + 1);
    }
    return all.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String changed(char before) {
    if (Character.isDigit(before)) {
      return Integer.toString(random.nextInt(10));
    }
    return Character.isLetter(before)
        ? Character.toString((char) ('a' + random.nextInt(26)))
        : Character.toString((char) (before ^ 1 << random.nextInt(7)));
  }

  private byte[] damaged(byte[] file) {
    if (file.length == 0) {
      return file;
    }
    byte[] mutated = file.clone();
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(mutated, random.nextInt(file.length + 1));
      }
      case 1 -> {
        int from = random.nextInt(file.length);
        int count = Math.min(random.nextInt(40), file.length - from);
        int to = random.nextInt(file.length - count + 1);
        System.arraycopy(file, from, mutated, to, count);
      }
      case 2 -> mutated[random.nextInt(file.length)] = (byte) random.nextInt(256);
      default -> mutated[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return mutated;
  }
}
