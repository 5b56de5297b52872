package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.table.TableOptions;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import picocli.CommandLine.Option;

/// The option that says how the characters of files are written.
public final class EncodingOption {
  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      defaultValue = "UTF-8",
      description = "Of the characters, such as ISO-8859-1 (default: ${DEFAULT-VALUE}).")
  private String encoding;

  /// The encoding.
  ///
  /// **Errors**: [IllegalArgumentException] if there is none of that name.
  public Charset charset() {
    try {
      return Charset.forName(encoding);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new Refusal(
          "encoding", "a name such as UTF-8, ISO-8859-1 or windows-1252", encoding, e);
    }
  }

  /// Tables of which nothing else is said.
  public TableOptions tables() {
    return TableOptions.defaults().withEncoding(charset());
  }
}
