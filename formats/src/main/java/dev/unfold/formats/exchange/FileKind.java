package dev.unfold.formats.exchange;

import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What a file is by its first bytes, whatever its name says.
enum FileKind {
  EMPTY("an empty file", ""),
  ONNX("an ONNX model", ".onnx"),
  SAFETENSORS("tensors in safetensors", ".safetensors"),
  TORCH("a zip file of torch.save", ".pt"),
  PICKLE("a pickle", ".pt"),
  KERAS("a Keras model", ".keras"),
  NUMPY("arrays of NumPy", ""),
  ZIP("another zip file", ""),
  HDF5("an HDF5 file", ".h5"),
  TEXT("text", ""),
  OTHER("a file of another kind", "");

  private static final int BEGIN = 512;
  private static final byte[] HDF5_BEGIN = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  private static final int NEWEST_IR = 0x20;

  private final String what;
  private final String ending;

  FileKind(String what, String ending) {
    this.what = what;
    this.ending = ending;
  }

  /// Checks that a file is of the kind that the end of its name says, as far as that can be told.
  ///
  /// **Errors**: [FormatException] that says what it is, and what it would have to be called.
  static void expectAsNamed(Path file) {
    Set<FileKind> named = named(file);
    FileKind kind = of(file);
    if (kind == OTHER || named.isEmpty() || named.contains(kind)) {
      return;
    }
    boolean isRenamed = !kind.ending.isEmpty();
    throw new FormatException(
        "%s: expected %s, as its name says, got %s%s"
            .formatted(
                file,
                named.iterator().next().what,
                kind.what,
                isRenamed ? ": give it a name that ends with " + kind.ending : ""));
  }

  /// Empty if nothing follows from the name.
  private static Set<FileKind> named(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "onnx" -> EnumSet.of(ONNX);
      case "safetensors" -> EnumSet.of(SAFETENSORS);
      // Its reader says what else such a zip file or pickle is.
      case "pt", "pth" -> EnumSet.of(TORCH, PICKLE, ZIP);
      case "keras" -> EnumSet.of(KERAS, ZIP);
      case "h5", "hdf5" -> EnumSet.of(HDF5);
      default -> EnumSet.noneOf(FileKind.class);
    };
  }

  static FileKind of(Path file) {
    byte[] begin;
    long bytes;
    try (InputStream input = Files.newInputStream(file)) {
      begin = input.readNBytes(BEGIN);
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    if (begin.length == 0) {
      return EMPTY;
    }
    if (startsWith(begin, HDF5_BEGIN)) {
      return HDF5;
    }
    if (startsWith(begin, new byte[] {'P', 'K', 3, 4})) {
      return zip(file);
    }
    if (isSafetensors(begin, bytes)) {
      return SAFETENSORS;
    }
    if (begin.length > 1 && begin[0] == (byte) 0x80 && begin[1] >= 2 && begin[1] <= 5) {
      return PICKLE;
    }
    // Field 1 of an ONNX model is the version of the format, a small number.
    if (begin.length > 2 && begin[0] == 8 && begin[1] > 0 && begin[1] < NEWEST_IR) {
      return ONNX;
    }
    return isText(begin) ? TEXT : OTHER;
  }

  private static boolean startsWith(byte[] bytes, byte... begin) {
    boolean same = bytes.length >= begin.length;
    for (int i = 0; same && i < begin.length; i++) {
      same = bytes[i] == begin[i];
    }
    return same;
  }

  private static boolean isSafetensors(byte[] begin, long bytes) {
    if (begin.length <= Long.BYTES || begin[Long.BYTES] != '{') {
      return false;
    }
    long header = ByteBuffer.wrap(begin).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header > 0 && header <= bytes - Long.BYTES;
  }

  private static boolean isText(byte... begin) {
    for (byte each : begin) {
      // Bytes below 0 are those of letters beyond ASCII.
      if (each >= 0 && each < ' ' && each != '\n' && each != '\r' && each != '\t') {
        return false;
      }
    }
    return true;
  }

  private static FileKind zip(Path file) {
    Set<String> names;
    try (BoundedArchive archive = BoundedArchive.open(file)) {
      names = archive.names();
    } catch (FormatException e) {
      // Whoever reads it as a zip file says what is wrong.
      return ZIP;
    }
    if (names.stream().anyMatch(name -> name.endsWith("/data.pkl"))) {
      return TORCH;
    }
    if (names.contains("config.json") && names.contains("metadata.json")) {
      return KERAS;
    }
    boolean areArrays = !names.isEmpty() && names.stream().allMatch(name -> name.endsWith(".npy"));
    return areArrays ? NUMPY : ZIP;
  }
}
