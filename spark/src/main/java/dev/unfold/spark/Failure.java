package dev.unfold.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds out what Spark's failures come from.
final class Failure {
  private static final Pattern OWN =
      Pattern.compile(
          "(?m)^(?:Caused by: )?(?:dev\\.unfold\\.[\\w.$]+|java\\.lang\\.[\\w.]+): (.+)$");

  private Failure() {}

  /// What failed, in one line: what one of our own classes said in a task, or else the first line of all.
  static String line(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher own = OWN.matcher(message);
    return own.find() ? own.group(1) : message.lines().findFirst().orElse(message);
  }
}
