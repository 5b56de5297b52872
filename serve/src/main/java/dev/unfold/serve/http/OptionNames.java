package dev.unfold.serve.http;

import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What is refused where files are read, and by models, names options of the command line. Who asks over HTTP has
/// parameters behind `?` for how a table is written; what else a model was trained with is its own, and can be named
/// but not said.
final class OptionNames {
  private static final Set<String> PARAMETERS =
      Set.of("encoding", "delimiter", "quote", "decimal", "dates", "na", "names");

  /// Those that messages name, with the value that follows if it is one that can be said.
  private static final Pattern OPTION =
      Pattern.compile(
          "(?<![-\\w])--(encoding|delimiter|quote|decimal|dates|na|names|frequency|gaps|duplicates"
              + "|scale|horizon|state|output|holidays|static|unit|by|time|target|tz|train|validate)"
              + "(?![-\\w])(?:(?: |=)(UTF-16|none|day-first|month-first|[,.](?= )))?");

  /// What would have to be said when a model is trained, which is over.
  private static final Pattern TRAINING =
      Pattern.compile("; --(?:frequency|gaps|duplicates|scale|holidays)(?![-\\w]).*?(?=, got |$)");

  /// By which option a column was named when the model was trained.
  private static final Pattern COLUMN =
      Pattern.compile("^[a-z, -]+: expected one of the columns (.*), got (.*)$");

  private OptionNames() {}

  /// A message in the words of HTTP.
  static String overHttp(String message) {
    String own = TRAINING.matcher(message).replaceAll("");
    String named = OPTION.matcher(own).replaceAll(OptionNames::said);
    return COLUMN
        .matcher(named)
        .replaceAll("body: expected a column $2, which the model reads, got the columns $1");
  }

  private static String said(MatchResult option) {
    String name = option.group(1);
    String value = option.group(2);
    if (!PARAMETERS.contains(name)) {
      return value == null ? name : name + " " + value;
    }
    return value == null ? "the parameter " + name : "?" + name + "=" + value;
  }
}
