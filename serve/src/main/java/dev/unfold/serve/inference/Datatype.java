package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.json.Fields;
import java.util.Arrays;
import java.util.List;

/// What the numbers of a tensor are: those of the protocol that a network can read.
enum Datatype {
  UINT8(0, (1L << 8) - 1),
  UINT16(0, (1L << 16) - 1),
  UINT32(0, (1L << 32) - 1),
  UINT64(0, Long.MAX_VALUE),
  INT8(Byte.MIN_VALUE, Byte.MAX_VALUE),
  INT16(Short.MIN_VALUE, Short.MAX_VALUE),
  INT32(Integer.MIN_VALUE, Integer.MAX_VALUE),
  INT64(Long.MIN_VALUE, Long.MAX_VALUE),
  FP32(0, 0),
  FP64(0, 0);

  private final long least;
  private final long most;

  Datatype(long least, long most) {
    this.least = least;
    this.most = most;
  }

  boolean isWhole() {
    return this != FP32 && this != FP64;
  }

  long least() {
    return least;
  }

  long most() {
    return most;
  }

  /// The one of that name, if it is of the kind that is needed.
  ///
  /// **Errors**: [Refusal] for another.
  static Datatype parse(String argument, String text, boolean isWhole) {
    List<Datatype> fit = Arrays.stream(values()).filter(each -> each.isWhole() == isWhole).toList();
    return fit.stream()
        .filter(each -> each.name().equals(text))
        .findFirst()
        .orElseThrow(() -> new Refusal(argument, "one of " + fit, Fields.shown(text)));
  }
}
