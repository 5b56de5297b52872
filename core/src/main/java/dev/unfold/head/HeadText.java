package dev.unfold.head;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;

/// Heads as texts.
final class HeadText {
  static final String CLASSES = "classes";
  static final String FACTORED = "factored";
  static final String SETS = "sets";
  static final String VALUES = "values";
  static final String LABELS = "labels";
  static final String BLANK = "blank=";
  static final String TAGS = "tags";

  /// Several heads, and what stands before each.
  static final String SEVERAL = "several";

  static final String NEXT = ";";

  private static final String WEIGHT = "[0-9]{1,20}([.][0-9]{1,20})?(E-?[0-9]{1,3})?";

  /// Before the name of a pooling, at the end.
  static final String POOLING = ",pooling=";

  private HeadText() {}

  static Head parse(String text, int outputs) {
    if (text.startsWith(SEVERAL + NEXT)) {
      return several(text.substring(SEVERAL.length() + NEXT.length()), outputs);
    }
    for (Pooling pooling : Pooling.values()) {
      String end = POOLING + pooling.text();
      if (text.endsWith(end)) {
        String head = text.substring(0, text.length() - end.length());
        return new PooledHead(parse(head, outputs), pooling);
      }
    }
    return switch (text) {
      case CLASSES -> new Head.Classes(outputs);
      case FACTORED -> new FactoredClasses(outputs);
      case SETS -> new Head.Sets(outputs);
      case TAGS -> new Head.Tags(outputs);
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
    throw new Refusal(
        "head",
        "classes, factored, sets, tags, labels,blank=N or values,LOSS, with ,pooling=last, mean,"
            + " max or attention if pooled; several;NAME,K,WEIGHT,HEAD;...",
        text);
  }

  private static Head several(String text, int outputs) {
    List<SeveralHeads.Part> parts = new ArrayList<>();
    for (String each : text.split(NEXT, -1)) {
      String[] own = each.split(",", 4);
      if (own.length < 4 || !own[1].matches("[0-9]{1,9}") || !own[2].matches(WEIGHT)) {
        throw new Refusal("head", "NAME,K,WEIGHT,HEAD for each of several", each);
      }
      Head head = parse(own[3], Integer.parseInt(own[1]));
      parts.add(new SeveralHeads.Part(own[0], head, Double.parseDouble(own[2])));
    }
    SeveralHeads all = new SeveralHeads(parts);
    if (all.outputs() != outputs) {
      throw new Refusal("head", "K=%d in all".formatted(outputs), all.outputs());
    }
    return all;
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
