package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.Crafted;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Changes of a safetensors file: of bytes, as accidents make them, and of what its header says, as somebody would make
/// them who knows the format. A seed always gives the same.
final class Mutations {
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");
  private static final Pattern STRING = Pattern.compile("\"[^\"\\\\]*\"");
  private static final Pattern DTYPE = Pattern.compile("\"dtype\":\"[^\"]*\"");
  private static final Pattern OFFSETS = Pattern.compile("\"data_offsets\":\\[[^]]*]");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "2",
          "3",
          "8",
          "-1",
          "50000000",
          "65536",
          "1073741824",
          "2147483647",
          "2147483648",
          "4294967297",
          "4611686018427387904",
          "9223372036854775807",
          "9223372036854775808",
          "1e400",
          "1e999999999",
          "0.5",
          "NaN",
          "Infinity",
          "1".repeat(400));

  private static final List<String> DTYPES =
      List.of("X9", "F4", "U8", "F16", "BF16", "F32", "F64", "BOOL", "", "F6_E2M3");

  private static final List<String> STRINGS =
      List.of(
          "\"\"",
          "\"none\"",
          "\"factored\"",
          "\"residual,tied\"",
          "\"auto:1e-300,most=999999999\"",
          "\"[{},{}]\"",
          "\"[[[[\"",
          "\"\\u0000\\n\\u202e\"",
          "\"lstm_projected\"",
          "\"per_affine\"",
          "null",
          "[]",
          "{\"a\":{\"b\":[1,2,{}]}}",
          "\"" + "x".repeat(3000) + "\"",
          "[".repeat(600));

  private final SplittableRandom random;

  Mutations(long seed) {
    random = new SplittableRandom(seed);
  }

  /// A file with one to three changes, and maybe damage.
  byte[] of(byte[] file) {
    int headerBytes = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    String header = new String(file, 8, headerBytes, StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOfRange(file, 8 + headerBytes, file.length);
    int changes = 1 + (random.nextBoolean() ? 0 : random.nextInt(3));
    if (random.nextInt(8) == 0) {
      header = hollow(header);
      data = new byte[0];
    }
    for (int i = 0; i < changes; i++) {
      header = changed(header);
    }
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] mutated = Crafted.file(json.length, json, data);
    return random.nextInt(8) == 0 ? damaged(mutated) : mutated;
  }

  /// A header that claims what it did, of data that are not there.
  private String hollow(String header) {
    String dtype = "\"dtype\":\"" + one(DTYPES) + "\"";
    String empty = DTYPE.matcher(header).replaceAll(Matcher.quoteReplacement(dtype));
    return OFFSETS.matcher(empty).replaceAll("\"data_offsets\":[0,0]");
  }

  private String changed(String header) {
    return switch (random.nextInt(8)) {
      // One number everywhere, so that what is said still fits together.
      case 0, 1 -> everywhere(header, NUMBER, one(NUMBERS));
      case 2 -> somewhere(header, NUMBER, one(NUMBERS));
      case 3 -> somewhere(header, DTYPE, "\"dtype\":\"" + one(DTYPES) + "\"");
      case 4 -> somewhere(header, STRING, one(STRINGS));
      case 5 -> somewhere(header, STRING, some(header, STRING));
      case 6 -> somewhere(header, OFFSETS, some(header, OFFSETS));
      default -> without(header);
    };
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private String some(String header, Pattern pattern) {
    MatchResult match = match(header, pattern);
    return match == null ? "" : match.group();
  }

  private MatchResult match(String header, Pattern pattern) {
    List<MatchResult> all = pattern.matcher(header).results().toList();
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private String somewhere(String header, Pattern pattern, String replacement) {
    MatchResult match = match(header, pattern);
    return match == null
        ? header
        : header.substring(0, match.start()) + replacement + header.substring(match.end());
  }

  private String everywhere(String header, Pattern pattern, String replacement) {
    MatchResult match = match(header, pattern);
    return match == null
        ? header
        : header.replaceAll(
            "(?<![0-9])" + Pattern.quote(match.group()) + "(?![0-9])",
            Matcher.quoteReplacement(replacement));
  }

  /// Without a piece of it.
  private String without(String header) {
    int from = random.nextInt(header.length() + 1);
    int until = Math.min(header.length(), from + random.nextInt(40));
    return header.substring(0, from) + header.substring(until);
  }

  private byte[] damaged(byte[] file) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(file, random.nextInt(file.length + 1));
      }
      case 1 -> {
        return Arrays.copyOf(file, file.length + random.nextInt(100));
      }
      case 2 -> {
        long length = random.nextLong() >> random.nextInt(64);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      }
      default -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return file;
  }
}
