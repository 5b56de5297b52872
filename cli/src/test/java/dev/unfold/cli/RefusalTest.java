package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cannot be used ends a process with one line on its error stream and exit code 2.
final class RefusalTest {
  /// Little more than what the JVM and the command line need, so that no large allocation can hide.
  private static final List<String> LITTLE_MEMORY =
      List.of("-Xmx48m", "-XX:MaxDirectMemorySize=1m");

  @TempDir private Path folder;

  @Test
  void eval_ofATruncatedModel_isRefused() throws Exception {
    byte[] model = Files.readAllBytes(Texts.model(folder));
    Files.write(folder.resolve("cut"), Arrays.copyOf(model, model.length - 1));
    Files.write(folder.resolve("stub"), Arrays.copyOf(model, 100));

    assertModelRefused("cut", "expected data_offsets within");
    assertModelRefused("stub", "expected a header of at most 92 bytes");
  }

  @Test
  void eval_ofAGarbledModel_isRefused() throws Exception {
    byte[] model = Files.readAllBytes(Texts.model(folder));
    model[23] = '}';
    Files.write(folder.resolve("garbled"), model);

    assertModelRefused("garbled", "header: expected valid JSON");
  }

  @Test
  void eval_ofAHeaderOfTwoGigabytes_isRefused() throws Exception {
    ByteBuffer prefix = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
    byte[] start = prefix.putLong(1L << 31).put((byte) '{').array();
    Files.write(folder.resolve("claim"), start);
    try (RandomAccessFile sparse = new RandomAccessFile(path("sparse").toFile(), "rw")) {
      sparse.write(start);
      sparse.setLength((1L << 31) + 1000);
    }

    assertModelRefused("claim", "expected a header of at most 1 bytes, got length 2147483648");
    assertModelRefused("sparse", "expected a header of at most 100000000 bytes");
  }

  @Test
  void eval_ofWrongLengthsAndOverlaps_isRefused() throws Exception {
    craft("longer", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2000000000],\"data_offsets\":[0,8]}}");
    craft(
        "overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}");

    assertModelRefused("longer", "expected 8000000000 bytes for F32[2000000000]");
    assertModelRefused("overlap", "tensor \"b\": expected data from byte 8");
  }

  @Test
  void eval_ofAbsurdSizes_isRefused() throws Exception {
    String model = Files.readString(Texts.model(folder), StandardCharsets.ISO_8859_1);
    String absurd =
        model.replace("\"hidden\":\"8\"", "\"hidden\":\"2000000000\"").replaceFirst(" {9}", "");
    assertEquals(model.length(), absurd.length());
    Files.writeString(folder.resolve("absurd"), absurd, StandardCharsets.ISO_8859_1);

    assertModelRefused("absurd", "tensor \"head.weight\": expected [");
  }

  @Test
  void eval_ofNotANumber_isRefused() throws Exception {
    byte[] model = Files.readAllBytes(Texts.model(folder));
    Arrays.fill(model, model.length - 4, model.length, (byte) 0xFF);
    Files.write(folder.resolve("nan"), model);

    assertModelRefused("nan", "tensor \"head.bias\": expected finite numbers, got NaN");
  }

  @Test
  void eval_ofNumbersTooLargeToComputeWith_isRefused() throws Exception {
    byte[] model = Files.readAllBytes(Texts.model(folder));
    ByteBuffer bytes = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 8 + (int) bytes.getLong(0); at < model.length; at += Float.BYTES) {
      bytes.putFloat(at, 3e38f);
    }
    Files.write(folder.resolve("huge"), model);

    assertModelRefused("huge", "expected parameters that can be computed with: expected a finite");
  }

  @Test
  void eval_ofNamesThatMoveACursor_showsThemHarmlessly() throws Exception {
    String model = Files.readString(Texts.model(folder), StandardCharsets.ISO_8859_1);
    String moved =
        model.replace("\"unit\":\"CHAR\"", "\"unit\":\"\\u001b\"").replaceFirst(" {2}", "");
    assertEquals(model.length(), moved.length());
    Files.writeString(folder.resolve("unit"), moved, StandardCharsets.ISO_8859_1);

    assertModelRefused("unit", "unit: expected one of [CHAR, WORD, BYTE], got ?");
  }

  @Test
  void train_onTextThatIsNone_isRefused() throws Exception {
    Files.write(folder.resolve("empty"), new byte[0]);
    Files.write(folder.resolve("binary"), new byte[] {'a', 0, 1, 2});
    Files.write(folder.resolve("latin"), "Motörhead".getBytes(StandardCharsets.ISO_8859_1));

    assertRefused("empty: expected text, got an empty file", "train", "text", "empty");
    assertRefused("missing: expected a file, found none", "train", "text", "missing");
    assertRefused("binary: expected text, got a zero byte", "train", "text", "binary");
    assertRefused("latin: ", "train", "text", "latin");
    assertRefused(".: expected a file, got a folder", "train", "text", ".");
  }

  @Test
  void train_onTextShorterThanItsWindows_isRefused() throws Exception {
    Texts.write(path("short"), 10);

    assertRefused(
        "short (first nine tenths): expected at least T+1=65 tokens for windows of T=64 steps",
        "train",
        "text",
        "short",
        "--steps",
        64);
  }

  @Test
  void train_withWrongOptions_isRefused() throws Exception {
    Texts.write(path("text"), 100);

    assertRefused(
        "--hidden: expected H of 1 or more, got 0", "train", "text", "text", "--hidden", 0);
    assertRefused("Unknown option: '--hiden'", "train", "text", "text", "--hiden", 3);
    assertRefused(
        "expected fewer than 2^31 parameters", "train", "text", "text", "--hidden", 2_000_000_000);
    assertRefused("not enough memory", "train", "text", "text", "--hidden", 20_000);
  }

  private void craft(String name, String header) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(path(name), file.putLong(json.length).put(json).array());
  }

  private void assertModelRefused(String name, String reason) throws Exception {
    Texts.write(path("text"), 100);
    assertRefused(reason, "eval", name, "text");
    Cli sample = Cli.run("sample", path(name));
    assertEquals(2, sample.exitCode(), sample::toString);
  }

  private void assertRefused(String reason, Object... arguments) throws Exception {
    try (Spawned spawned = Spawned.start(folder, LITTLE_MEMORY, arguments)) {
      List<String> out = spawned.rest();
      assertEquals(2, spawned.exitCode(), () -> out + " " + reason);
      List<String> errors = spawned.errors();
      assertEquals(1, errors.size(), errors::toString);
      assertTrue(errors.getFirst().startsWith("unfold: "), errors::toString);
      assertTrue(errors.getFirst().contains(reason), errors::toString);
      assertEquals(List.of(), out);
    }
    assertFalse(Files.exists(path("model.safetensors")));
  }

  private Path path(String name) {
    return folder.resolve(name);
  }
}
