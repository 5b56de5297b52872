package dev.unfold.run.report;

import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.output.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/// Texts and numbers as pages have them: with no more letters and digits than anybody reads.
final class PageText {
  private static final MathContext DIGITS = new MathContext(6);
  private static final MathContext FEW_DIGITS = new MathContext(4);

  private PageText() {}

  /// The beginning of a text that is longer than `most`.
  static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "\u2026";
  }

  /// Null for one that is not defined.
  static Double number(OptionalDouble number) {
    return number.isEmpty() ? null : number(number.getAsDouble(), DIGITS);
  }

  private static Double number(double number, MathContext digits) {
    return Double.isFinite(number) ? new BigDecimal(number).round(digits).doubleValue() : null;
  }

  /// Null for what is missing.
  static List<Double> numbers(int count, IntToDoubleFunction of) {
    Double[] all = new Double[count];
    Arrays.setAll(all, i -> number(of.applyAsDouble(i), DIGITS));
    return new ArrayList<>(Arrays.asList(all));
  }

  /// The same measurements in few digits.
  static JsonNode rounded(Inspection inspection) {
    return rounded(Json.tree(inspection));
  }

  private static JsonNode rounded(JsonNode node) {
    switch (node) {
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, rounded(array.get(i)));
        }
      }
      case ObjectNode object ->
          List.copyOf(object.propertyNames())
              .forEach(name -> object.set(name, rounded(object.get(name))));
      case DoubleNode number -> {
        return DoubleNode.valueOf(number(number.doubleValue(), FEW_DIGITS));
      }
      default -> {}
    }
    return node;
  }
}
