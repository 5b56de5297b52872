package dev.unfold.data.profile;

import dev.unfold.argument.Decimal;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import java.util.ArrayList;
import java.util.List;

/// What could go wrong with columns by themselves.
final class ColumnFindings {
  /// How many numbers a row has, at least, that may be a series by itself.
  private static final int WIDE = 30;

  /// Columns that are named one by one.
  private static final int FEW = 3;

  private final TableProfile profile;
  private final List<String> empty = new ArrayList<>();
  private final List<String> constant = new ArrayList<>();

  ColumnFindings(TableProfile profile) {
    this.profile = profile;
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    names(findings);
    for (ColumnProfile each : profile.columns()) {
      column(each, findings);
    }
    alike(empty, "no value in any row", findings);
    alike(constant, "one value only", findings);
    wide(findings);
    return findings;
  }

  /// A first row in place of names is told by what it has: numbers, or what the rows below have.
  private void names(List<Finding> findings) {
    List<String> suspects = new ArrayList<>();
    for (ColumnProfile each : profile.columns()) {
      String name = each.column().name();
      if (each.isNamedAsAValue() || Decimal.parse(name).isPresent()) {
        suspects.add(name);
      }
    }
    if (!suspects.isEmpty() && 3 * suspects.size() >= profile.columns().size()) {
      findings.add(
          Finding.of(
              "names",
              "the first line has %s, which look like values; --names NAME,... names the columns"
                  .formatted(
                      String.join(", ", suspects.subList(0, Math.min(3, suspects.size()))))));
    }
  }

  private void column(ColumnProfile each, List<Finding> findings) {
    Column column = each.column();
    String name = column.name();
    column
        .odd()
        .ifPresent(odd ->
            findings.add(
                Finding.at(
                    odd.place(),
                    name,
                    "text, though %,d of %,d values are %ss: the first other one is %s"
                        .formatted(
                            odd.count(),
                            odd.count() + odd.others(),
                            odd.type().text(),
                            odd.value()))));
    if (column.type() == ColumnType.EMPTY) {
      empty.add(name);
    }
    each.numbers()
        .flatMap(ColumnProfile.Numbers::sentinel)
        .ifPresent(sentinel ->
            findings.add(
                Finding.of(
                    name,
                    ("%s stands in %,d rows, first in line %d, and nothing else is below 0; --na=%s"
                            + " if it means that there is no value")
                        .formatted(
                            sentinel.text(), sentinel.count(), sentinel.line(), sentinel.text()))));
    long present = column.rows() - column.missing();
    boolean isConstant =
        each.numbers().map(numbers -> numbers.least() == numbers.most()).orElse(false)
            || each.distinct().orElse(0) == 1;
    if (present > 1 && isConstant) {
      constant.add(name);
    }
  }

  private static void alike(List<String> names, String text, List<Finding> findings) {
    if (names.size() <= FEW) {
      names.forEach(name -> findings.add(Finding.of(name, text)));
    } else {
      String some = String.join(", ", names.subList(0, FEW));
      findings.add(Finding.of("%s and %,d more".formatted(some, names.size() - FEW), text));
    }
  }

  private void wide(List<Finding> findings) {
    List<Column> numeric =
        profile.columns().stream()
            .map(ColumnProfile::column)
            .filter(column -> column.type().isNumeric())
            .toList();
    if (profile.time().isPresent() || numeric.size() < WIDE) {
      return;
    }
    boolean isGrowing = numeric.getLast().missing() > numeric.getFirst().missing();
    for (int i = 1; i < numeric.size(); i++) {
      isGrowing &= numeric.get(i).missing() >= numeric.get(i - 1).missing();
    }
    if (isGrowing) {
      findings.add(
          Finding.of(
              "rows",
              "each row has up to %,d numbers and ends early: it looks like one series a row, not one step a row"
                  .formatted(numeric.size())));
    }
  }
}
