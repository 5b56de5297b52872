package dev.unfold.formats.safetensors;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Checks that tensors fill the data of a file exactly: nothing outside, no byte twice, none unused. So a file has no
/// place for anything but its tensors, no two tensors share memory, and no tensor has more numbers than the file has
/// bits.
final class Layout {
  private Layout() {}

  /// The tensors in the order of their data, which is `dataBytes` long.
  static List<TensorInfo> check(String file, Collection<TensorInfo> tensors, long dataBytes) {
    List<TensorInfo> ordered =
        tensors.stream()
            .sorted(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end))
            .toList();
    long filled = 0;
    for (TensorInfo tensor : ordered) {
      if (tensor.begin() != filled) {
        throw wrong(file, tensor, "data from byte " + filled, offsets(tensor));
      }
      if (tensor.end() < tensor.begin() || tensor.end() > dataBytes) {
        throw wrong(
            file, tensor, "data_offsets within " + dataBytes + " bytes of data", offsets(tensor));
      }
      checkSize(file, tensor);
      filled = tensor.end();
    }
    if (filled != dataBytes) {
      throw new FormatException(
          "%s: expected %d bytes of data, which the tensors fill, got %d"
              .formatted(file, filled, dataBytes));
    }
    return ordered;
  }

  private static void checkSize(String file, TensorInfo tensor) {
    Dtype dtype = Dtype.named(tensor.dtype());
    try {
      long count = tensor.count();
      if (dtype == null) {
        checkLeast(file, tensor, count);
        return;
      }
      long bits = Math.multiplyExact(count, (long) dtype.bits());
      if (bits % Byte.SIZE != 0 || bits / Byte.SIZE != tensor.end() - tensor.begin()) {
        long bytes = Math.ceilDiv(bits, Byte.SIZE);
        throw wrong(file, tensor, bytes + " bytes for " + kind(tensor), offsets(tensor));
      }
    } catch (ArithmeticException _) {
      throw wrong(file, tensor, "a size below 2^63", kind(tensor));
    }
  }

  /// Nobody can ask for numbers of a dtype that is not known here, but somebody might make room for them: each takes a
  /// bit at least.
  private static void checkLeast(String file, TensorInfo tensor, long count) {
    long least = Math.ceilDiv(count, Byte.SIZE);
    if (tensor.end() - tensor.begin() < least) {
      throw wrong(file, tensor, least + " bytes or more for " + kind(tensor), offsets(tensor));
    }
  }

  private static FormatException wrong(
      String file, TensorInfo tensor, String expected, String came) {
    return new FormatException(
        "%s: tensor %s: expected %s, got %s"
            .formatted(file, Quote.of(tensor.name()), expected, came));
  }

  private static String kind(TensorInfo tensor) {
    return Quote.plain(tensor.dtype()) + tensor.shape();
  }

  private static String offsets(TensorInfo tensor) {
    return "data_offsets [" + tensor.begin() + ", " + tensor.end() + "]";
  }
}
