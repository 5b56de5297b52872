package dev.unfold.cli.option;

import dev.unfold.argument.Decimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads numbers with fractions. No option has a use for one that is infinite or none.
public final class DecimalConverter implements ITypeConverter<Double> {
  @Override
  public Double convert(String value) {
    return Decimal.parse(value)
        .orElseThrow(() ->
            new TypeConversionException("expected a number such as 3, 0.5 or 1e-3, got " + value));
  }
}
