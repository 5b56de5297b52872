package dev.unfold.cli.option;

import picocli.CommandLine.ITypeConverter;

/// A name among several with commas between them: one that has commas itself stands in double quotes, and quotes in
/// those are doubled, as in CSV.
public final class ColumnName implements ITypeConverter<String> {
  private static final String QUOTE = "\"";

  @Override
  public String convert(String text) {
    boolean isQuoted = text.length() > 1 && text.startsWith(QUOTE) && text.endsWith(QUOTE);
    return isQuoted ? text.substring(1, text.length() - 1).replace("\"\"", QUOTE) : text;
  }
}
