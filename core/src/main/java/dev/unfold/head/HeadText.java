package dev.unfold.head;

import dev.unfold.argument.Refusal;

/// Heads as texts.
final class HeadText {
  static final String CLASSES = "classes";
  static final String FACTORED = "factored";
  static final String SETS = "sets";
  static final String VALUES = "values";
  static final String LABELS = "labels";
  static final String BLANK = "blank=";

  private HeadText() {}

  static Head parse(String text, int outputs) {
    return switch (text) {
      case CLASSES -> new Head.Classes(outputs);
      case FACTORED -> new Head.FactoredClasses(outputs);
      case SETS -> new Head.Sets(outputs);
      default -> withParts(text, outputs);
    };
  }

  private static Head withParts(String text, int outputs) {
    String labels = LABELS + "," + BLANK;
    String values = VALUES + ",";
    if (text.startsWith(labels) && text.substring(labels.length()).matches("[0-9]{1,9}")) {
      return new Head.Labels(outputs, Integer.parseInt(text.substring(labels.length())));
    }
    if (text.startsWith(values)) {
      return values(ValueLoss.parse(text.substring(values.length())), outputs);
    }
    throw new Refusal("head", "classes, factored, sets, labels,blank=N or values,LOSS", text);
  }

  private static Head values(ValueLoss loss, int outputs) {
    if (outputs % loss.outputsPerNumber() != 0) {
      throw new Refusal(
          "head",
          "K to be a multiple of %d for %s".formatted(loss.outputsPerNumber(), loss.text()),
          "K=" + outputs);
    }
    return new Head.Values(outputs / loss.outputsPerNumber(), loss);
  }
}
