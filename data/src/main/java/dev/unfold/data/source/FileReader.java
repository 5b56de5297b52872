package dev.unfold.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/// Reads a file once, in pieces, and keeps the evidence of what was read.
public final class FileReader {
  /// Bytes of the largest piece.
  public static final int PIECE = 1 << 16;

  private final Path file;
  private final TokenList tokens;

  public FileReader(Path file, TokenList tokens) {
    Objects.requireNonNull(file, "files: expected no null among them, got one");
    this.file = file;
    this.tokens = tokens;
  }

  /// What takes the pieces.
  public interface Sink {
    void take(byte[] piece, int count);

    void end();
  }

  public Source read(Sink sink) {
    int tokensBefore = tokens.count();
    Source source =
        read(
            file,
            new Sink() {
              @Override
              public void take(byte[] piece, int count) {
                sink.take(piece, count);
                tokens.read(count);
              }

              @Override
              public void end() {
                sink.end();
              }
            });
    if (tokens.count() == tokensBefore) {
      throw new DataException(
          "%s: expected text, got an empty file (%d bytes)".formatted(file, source.bytes()));
    }
    return source;
  }

  /// What a file is, whatever it holds.
  static Source digest(Path file) {
    return read(
        file,
        new Sink() {
          @Override
          public void take(byte[] piece, int count) {}

          @Override
          public void end() {}
        });
  }

  private static Source read(Path file, Sink sink) {
    if (Files.isDirectory(file)) {
      throw new DataException(file + ": expected a file, got a folder");
    }
    MessageDigest digest = sha256();
    long bytes = 0;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] piece = new byte[PIECE];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        bytes += count;
        digest.update(piece, 0, count);
        sink.take(piece, count);
      }
      sink.end();
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": expected a file, found none", e);
    } catch (AccessDeniedException e) {
      throw new DataException(file + ": expected a readable file, got no permission", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
    return new Source(file.toString(), bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
