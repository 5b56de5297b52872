package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/// The keys that let requests in. What is kept, and compared, are their SHA-256, so that how long a comparison takes
/// says nothing of a key.
///
/// **Threads**: any number.
public final class ApiKeys {
  private static final String BEARER = "Bearer ";
  private static final int LEAST = 16;

  private final List<byte[]> digests;

  private ApiKeys(List<byte[]> digests) {
    this.digests = digests;
  }

  /// Those of a file, one a line; lines that are empty or begin with `#` are none.
  ///
  /// **Errors**: [Refusal] if it cannot be read, has none, or has one of fewer than 16 characters.
  public static ApiKeys read(Path file) {
    List<String> keys;
    try (var lines = Files.lines(file)) {
      keys =
          lines
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new Refusal("api-key", "a file of keys that can be read", file, e);
    }
    if (keys.isEmpty()) {
      throw new Refusal("api-key", "one key a line", "none in " + file);
    }
    for (String key : keys) {
      if (key.length() < LEAST) {
        throw new Refusal(
            "api-key", LEAST + " characters or more in each", "a key of " + key.length());
      }
    }
    return new ApiKeys(keys.stream().map(ApiKeys::digest).toList());
  }

  /// Whether what stands in the header `Authorization` has one of them.
  boolean accept(Optional<String> authorization) {
    boolean isBearer =
        authorization.isPresent()
            && authorization.get().regionMatches(true, 0, BEARER, 0, BEARER.length());
    byte[] given =
        digest(isBearer ? authorization.get().substring(BEARER.length()).strip() : "");
    boolean isOne = false;
    for (byte[] digest : digests) {
      isOne |= MessageDigest.isEqual(digest, given);
    }
    return isOne;
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
