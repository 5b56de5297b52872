package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/// The characters of a file, without a byte order mark. Bytes that are none of its encoding and characters that no text
/// has are refused with their line.
public final class DecodedFile extends Reader {
  private static final int PIECE = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String name;
  private final InputStream in;
  private final Charset charset;
  private final CharsetDecoder decoder;
  private final ByteBuffer bytes = ByteBuffer.allocate(PIECE).flip();
  private boolean isEnded;
  private boolean isStarted;
  private long line = 1;

  /// **Errors**: [DataException] if there is no such file, or none that can be read.
  public DecodedFile(TableFile file, Charset charset) {
    this(file.name(), open(file), charset);
  }

  /// The characters of a stream, which is closed with this.
  ///
  /// @param name what messages call it
  DecodedFile(String name, InputStream in, Charset charset) {
    this.name = name;
    this.charset = charset;
    this.in = in;
    this.decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  private static InputStream open(TableFile file) {
    String name = file.name();
    if (file.isFolder()) {
      throw new DataException(name + ": expected a file, got a folder");
    }
    try {
      return file.open();
    } catch (NoSuchFileException e) {
      throw new DataException(name + ": expected a file, found none", e);
    } catch (AccessDeniedException e) {
      throw new DataException(name + ": expected a readable file, got no permission", e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /// What to throw for a file that fails while it is read.
  public static DataException unreadable(String name, IOException e) {
    return new DataException(name + ": cannot be read: " + e.getMessage(), e);
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    CharBuffer out = CharBuffer.wrap(target, offset, length).slice();
    while (out.position() == 0) {
      CoderResult result = decoder.decode(bytes, out, isEnded);
      if (result.isError()) {
        count(target, offset, out.position());
        throw malformed(result);
      }
      if (out.position() > 0 || result.isOverflow()) {
        break;
      }
      if (isEnded) {
        return -1;
      }
      fill();
    }
    int count = out.position();
    if (count == 0) {
      // No room for both halves of a character outside the basic plane.
      throw new IOException("a buffer of one character");
    }
    if (!isStarted) {
      isStarted = true;
      if (target[offset] == BYTE_ORDER_MARK) {
        System.arraycopy(target, offset + 1, target, offset, count - 1);
        count--;
        if (count == 0) {
          return read(target, offset, length);
        }
      }
    }
    count(target, offset, count);
    return count;
  }

  private void fill() throws IOException {
    bytes.compact();
    int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
    if (count > 0) {
      bytes.position(bytes.position() + count);
    }
    bytes.flip();
    isEnded = count < 0;
  }

  private void count(char[] target, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      char c = target[i];
      if (c == '\n') {
        line++;
      } else if (c == 0) {
        throw new Place(name, line)
            .refusal(
                "text",
                "a NUL character; --encoding UTF-16 reads UTF-16, and nothing a binary file");
      }
    }
  }

  private DataException malformed(CoderResult result) {
    int first = Byte.toUnsignedInt(bytes.get(bytes.position()));
    StringBuilder got = new StringBuilder("byte");
    for (int i = 0; i < result.length(); i++) {
      got.append(" 0x%02X".formatted(bytes.get(bytes.position() + i)));
    }
    boolean isMark = line == 1 && !isStarted && (first == 0xFF || first == 0xFE);
    got.append(
        isMark
            ? ", as UTF-16 begins; --encoding UTF-16 reads it"
            : "; --encoding names another, such as ISO-8859-1 or windows-1252");
    String expected = charset.equals(StandardCharsets.UTF_8) ? "UTF-8" : charset.name();
    return new Place(name, line).refusal(expected, got.toString());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
