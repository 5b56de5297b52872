package dev.unfold.unroll;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `docs/bptt.md` in one of its languages, read for what is the same in all of them: tables, blocks of
/// formulas, numbers.
///
/// A number in a table has a name, put together from the heads of its column and row: a head such as
/// `h_0(t)` is a formula, one such as `t = 2` says what to put into it, and `sum_t` stands before it.
///
/// @param name the file's name
/// @param text all of it
record BpttPage(String name, String text) {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
  private static final Pattern BINDING = Pattern.compile("(t'|[a-zA-Z]) = (\\d+)");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```text$(.*?)^```$");
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  static BpttPage english() {
    return read("bptt.md");
  }

  static BpttPage chinese() {
    return read("bptt.zh.md");
  }

  private static BpttPage read(String name) {
    try {
      return new BpttPage(name, Files.readString(root().resolve("docs").resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The repository: the folder above the module's that has the page.
  static Path root() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("docs/bptt.md"))) {
        return folder;
      }
    }
    throw new IllegalStateException("docs/bptt.md: not found above " + start);
  }

  /// All tables, each a list of rows of cells; the line under the head is left out.
  List<List<List<String>>> tables() {
    List<List<List<String>>> tables = new ArrayList<>();
    List<List<String>> table = new ArrayList<>();
    String withoutBlocks = BLOCK.matcher(text).replaceAll("") + "\n";
    for (String line : withoutBlocks.split("\n", -1)) {
      if (line.startsWith("|")) {
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
          cells.add(cell.strip());
        }
        if (!cells.getFirst().startsWith("---")) {
          table.add(cells);
        }
      } else if (!table.isEmpty()) {
        tables.add(table);
        table = new ArrayList<>();
      }
    }
    return tables;
  }

  /// The numbers of all tables that hold nothing else, by name, as they are printed.
  Map<String, String> numbers() {
    Map<String, String> numbers = new LinkedHashMap<>();
    for (List<List<String>> table : tables()) {
      List<String> head = table.getFirst();
      if (!isNumeric(table)) {
        continue;
      }
      for (List<String> row : table.subList(1, table.size())) {
        for (int c = 1; c < row.size(); c++) {
          if (!row.get(c).isEmpty()) {
            String key = nameOf(code(head.getFirst()), code(head.get(c)), code(row.getFirst()));
            if (numbers.put(key, row.get(c)) != null) {
              throw new IllegalStateException(name + ": " + key + " stands there twice");
            }
          }
        }
      }
    }
    return numbers;
  }

  private static boolean isNumeric(List<List<String>> table) {
    return table.subList(1, table.size()).stream()
        .flatMap(row -> row.subList(1, row.size()).stream())
        .allMatch(cell -> cell.isEmpty() || NUMBER.matcher(cell).matches());
  }

  /// The name of a number from the heads of its table, its column and its row.
  private static String nameOf(String corner, String column, String row) {
    boolean isFormula = !BINDING.matcher(column).matches();
    String formula = isFormula ? column : put(corner, column);
    return row.startsWith("sum_") ? row + " " + formula : put(formula, row);
  }

  /// `formula` with a variable replaced: among arguments, or in a subscript in which it stands with
  /// other index letters only. A variable that isn't there is added behind.
  private static String put(String formula, String binding) {
    Matcher matcher = BINDING.matcher(binding);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected a binding such as t = 0, got " + binding);
    }
    String variable = matcher.group(1);
    String value = matcher.group(2);
    String arguments = formula.replaceAll("(?<=[( ])" + variable + "(?=[,)])", value);
    String result =
        Pattern.compile("(?<=_)([tmisk\\d]+)(?![a-z])")
            .matcher(arguments)
            .replaceAll(subscript -> subscript.group().replace(variable, value));
    return result.equals(formula) ? formula + " [" + binding + "]" : result;
  }

  /// The blocks of formulas.
  List<String> blocks() {
    return BLOCK.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /// All numbers with `places` decimal places, in the page's order, without signs.
  List<String> decimals(String within, int places) {
    Pattern pattern = Pattern.compile("(?<![\\d.])\\d+\\.\\d{" + places + "}(?![\\d.])");
    return pattern.matcher(within).results().map(MatchResult::group).toList();
  }

  /// What stands between backquotes in `cell`.
  static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
  }

  private static String code(String cell) {
    List<String> codes = codes(cell);
    return codes.isEmpty() ? cell : codes.getFirst();
  }
}
