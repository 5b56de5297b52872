package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The keys that let requests in. What is kept, and compared, are their SHA-256, so that how long a comparison takes
/// says nothing of a key. A file that changes is read anew, when it is looked at.
///
/// **Threads**: any number.
public final class ApiKeys {
  private static final String BEARER = "Bearer ";
  private static final int LEAST = 16;

  /// When a file that is not there was changed.
  private static final FileTime GONE = FileTime.from(Instant.MIN);

  private final Path file;
  private volatile List<byte[]> digests;

  /// When the file was changed, as far as is known.
  private FileTime changed;

  private ApiKeys(Path file, FileTime changed, List<byte[]> digests) {
    this.file = file;
    this.changed = changed;
    this.digests = digests;
  }

  /// Those of a file, one a line; lines that are empty or begin with `#` are none.
  ///
  /// **Errors**: [Refusal] if it cannot be read, has none, or has one of fewer than 16 characters.
  public static ApiKeys read(Path file) {
    // Before it is read: what changes meanwhile is seen the next time.
    return new ApiKeys(file, changed(file), digests(file));
  }

  /// Reads the file anew if it has changed. One that cannot be read any more changes nothing.
  ///
  /// **Errors**: [Refusal] as of [#read]; the keys are those of before then, until the file changes again.
  ///
  /// **Threads**: one at a time, beside those that ask.
  public void look() {
    FileTime now = GONE;
    if (Files.exists(file)) {
      now = changed(file);
    }
    if (!now.equals(changed)) {
      changed = now;
      digests = digests(file);
    }
  }

  private static FileTime changed(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new Refusal("api-key", "a file of keys that can be read", file, e);
    }
  }

  private static List<byte[]> digests(Path file) {
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
    return keys.stream().map(ApiKeys::digest).toList();
  }

  /// Whether what stands in the header `Authorization` has one of them.
  boolean accept(Optional<String> authorization) {
    boolean isBearer =
        authorization.isPresent()
            && authorization.get().regionMatches(true, 0, BEARER, 0, BEARER.length());
    byte[] given = digest(isBearer ? authorization.get().substring(BEARER.length()).strip() : "");
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
