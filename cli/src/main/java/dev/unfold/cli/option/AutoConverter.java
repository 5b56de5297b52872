package dev.unfold.cli.option;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A whole number, or `auto` for one that follows from the data.
final class AutoConverter implements ITypeConverter<Integer> {
  /// What `auto` is: no command takes this number.
  static final int AUTO = Integer.MIN_VALUE;

  @Override
  public Integer convert(String text) {
    if (text.equals("auto")) {
      return AUTO;
    }
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      TypeConversionException wrong = new TypeConversionException("'" + text + "' is not an int");
      wrong.initCause(e);
      throw wrong;
    }
  }
}
