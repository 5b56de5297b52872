package dev.unfold.cli.command;

import dev.unfold.data.profile.ColumnProfile;
import dev.unfold.data.profile.Finding;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.Season;
import dev.unfold.data.profile.TableProfile;
import dev.unfold.data.profile.TargetProfile;
import dev.unfold.data.profile.TimeProfile;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.Table;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What a table holds, in words or as JSON.
record LookReport(Table table, TableProfile profile) {
  /// More columns than people read; JSON has them all.
  private static final int COLUMNS = 40;

  private static final int FINDINGS = 40;

  void print(PrintWriter out) {
    out.printf(
        "%s: %s, %s, %s%n",
        clean(String.join(", ", table.files())),
        Wording.count(profile.rows(), "row"),
        Wording.count(profile.columns().size(), "column"),
        table.form());
    columns(out);
    boolean hasSeasons = profile.targets().stream().anyMatch(target -> target.season().isPresent());
    if (profile.time().isPresent() || hasSeasons) {
      out.println();
    }
    profile.time().ifPresent(time -> time(time, out));
    seasons(out);
    findings(out);
    out.flush();
  }

  private void columns(PrintWriter out) {
    List<ColumnProfile> shown =
        profile.columns().subList(0, Math.min(COLUMNS, profile.columns().size()));
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("column", "type", "missing", "values"));
    shown.forEach(each -> cells.add(cells(each)));
    int[] widths = new int[3];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    String form = "  %%-%ds  %%-%ds  %%%ds  %%s%%n".formatted(widths[0], widths[1], widths[2]);
    out.println();
    cells.forEach(row -> out.printf(form, row.toArray()));
    if (shown.size() < profile.columns().size()) {
      out.printf(
          "  and %s (--json has all)%n",
          Wording.count(profile.columns().size() - shown.size(), "column") + " more");
    }
  }

  private static List<String> cells(ColumnProfile each) {
    Column column = each.column();
    return List.of(
        clean(column.name()),
        column.type().text(),
        column.missing() == 0 ? "none" : percent(column.missingShare()),
        values(each));
  }

  private static String values(ColumnProfile each) {
    if (each.numbers().isPresent()) {
      ColumnProfile.Numbers numbers = each.numbers().get();
      return "%s to %s, mean %s"
          .formatted(
              number(numbers.least()), number(numbers.most()), number(rounded(numbers.mean())));
    }
    if (each.times().isPresent()) {
      return each.times().get().first() + " to " + each.times().get().last();
    }
    if (each.distinct().isEmpty()) {
      return each.column().missing() == each.column().rows() ? "" : "too many to count";
    }
    String frequent =
        each.frequent().stream()
            .map(share -> clean(share.value()) + " " + percent(share.share()))
            .collect(Collectors.joining(", "));
    return "%s: %s"
        .formatted(
            each.distinct().getAsInt() == 1
                ? "1 value"
                : Wording.count(each.distinct().getAsInt()) + " different",
            frequent);
  }

  private void time(TimeProfile time, PrintWriter out) {
    out.printf(
        "time      %s%s, %s, %s to %s%n",
        clean(time.column()),
        time.isFound() ? " (found)" : "",
        time.frequency().text(),
        time.first(),
        time.last());
    if (profile.series() > 1) {
      out.printf(
          "series    %s of %s to %s%n",
          Wording.count(profile.series()),
          Wording.count(time.shortest()),
          Wording.count(time.longest(), "row"));
    }
    if (time.frequency().unit().isRegular()) {
      out.printf(
          "gaps      %s%n",
          time.gaps() == 0
              ? "none"
              : "%s, %s missing"
                  .formatted(
                      Wording.count(time.gaps()), Wording.count(time.missingSteps(), "step")));
    }
    out.printf(
        "repeated  %s%n",
        time.duplicates() == 0 ? "none" : Wording.count(time.duplicates(), "row"));
    out.printf("season    %s%n", usual(time.frequency()));
  }

  private static String usual(Frequency frequency) {
    return frequency.season() == 1
        ? "none is usual for this frequency"
        : Wording.count(frequency.season(), "step") + " are usual for this frequency";
  }

  private void seasons(PrintWriter out) {
    for (TargetProfile target : profile.targets()) {
      target
          .season()
          .ifPresent(season ->
              out.printf(
                  "          %s: %s, strength %.2f %s%s%n",
                  clean(target.column()),
                  Wording.count(season.lag(), "step"),
                  season.strength(),
                  of(season),
                  target.lookedAt() == 1
                      ? ""
                      : ", in %d of %d series looked at"
                          .formatted(target.seasonal(), target.lookedAt())));
    }
  }

  private static String of(Season season) {
    return season.isOfDifferences() ? "(of differences)" : "(without the trend)";
  }

  private void findings(PrintWriter out) {
    List<Finding> all = profile.findings();
    out.println();
    if (all.isEmpty()) {
      out.println("Nothing was found that could go wrong.");
      return;
    }
    out.println("What could go wrong:");
    for (Finding each : all.subList(0, Math.min(FINDINGS, all.size()))) {
      out.printf(
          "  %s%s: %s%n",
          each.place().map(this::where).orElse(""), clean(each.subject()), clean(each.text()));
    }
    if (all.size() > FINDINGS) {
      out.printf("  and %s more (--json has all)%n", Wording.count(all.size() - FINDINGS));
    }
  }

  private String where(Place place) {
    String file = table.files().size() > 1 ? clean(place.file()) + ": " : "";
    return file + "line " + place.line() + ", ";
  }

  /// What comes from a file may hold anything, and a terminal shows it.
  private static String clean(String text) {
    return text.replaceAll("\\p{C}", "?");
  }

  /// As it is known, and as people write it.
  private static String number(double number) {
    boolean isPlain = number == 0 || (Math.abs(number) >= 1e-4 && Math.abs(number) < 1e12);
    return isPlain
        ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
        : Double.toString(number);
  }

  private static double rounded(double number) {
    return Double.isFinite(number)
        ? new BigDecimal(number).round(new MathContext(5)).doubleValue()
        : number;
  }

  private static String percent(double share) {
    return share > 0 && share < 0.0005 ? "< 0.1 %" : "%.1f %%".formatted(100 * share);
  }

  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("files", table.files());
    all.put("form", table.form());
    all.put("rows", profile.rows());
    all.put("columns", profile.columns().stream().map(LookReport::json).toList());
    profile.time().ifPresent(time -> all.put("time", json(time)));
    all.put("series", profile.series());
    all.put("targets", profile.targets().stream().map(LookReport::json).toList());
    all.put("findings", profile.findings().stream().map(LookReport::json).toList());
    return all;
  }

  private static Map<String, Object> json(ColumnProfile each) {
    Column column = each.column();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", column.name());
    json.put("type", column.type().name().toLowerCase(Locale.ROOT));
    json.put("missing", column.missing());
    each.numbers()
        .ifPresent(numbers -> {
          json.put("least", numbers.least());
          json.put("most", numbers.most());
          json.put("mean", Json.finite(numbers.mean()));
          json.put("zeros", numbers.zeros());
        });
    each.times()
        .ifPresent(times -> {
          json.put("first", times.first());
          json.put("last", times.last());
        });
    each.distinct()
        .ifPresent(distinct -> {
          json.put("distinct", distinct);
          Map<String, Object> shares = new LinkedHashMap<>();
          each.frequent().forEach(share -> shares.put(share.value(), share.share()));
          json.put("frequent", shares);
        });
    return json;
  }

  private static Map<String, Object> json(TimeProfile time) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("column", time.column());
    json.put("found", time.isFound());
    json.put("frequency", time.frequency().text());
    json.put("usual_season", time.frequency().season());
    json.put("first", time.first());
    json.put("last", time.last());
    json.put("shortest", time.shortest());
    json.put("longest", time.longest());
    json.put("other_frequencies", time.others());
    json.put("gaps", time.gaps());
    json.put("missing_steps", time.missingSteps());
    json.put("repeated", time.duplicates());
    json.put("out_of_order", time.backwards());
    return json;
  }

  private static Map<String, Object> json(TargetProfile target) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("column", target.column());
    target
        .season()
        .ifPresent(season -> {
          json.put("season", season.lag());
          json.put("strength", season.strength());
          json.put("of_differences", season.isOfDifferences());
          json.put("seasonal_series", target.seasonal());
        });
    json.put("series_looked_at", target.lookedAt());
    json.put("zero_share", target.zeroShare());
    json.put("missing_share", target.missingShare());
    json.put("constant_series", target.constant());
    json.put("empty_series", target.empty());
    return json;
  }

  private static Map<String, Object> json(Finding finding) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("subject", finding.subject());
    json.put("text", finding.text());
    finding
        .place()
        .ifPresent(place -> {
          json.put("file", place.file());
          json.put("line", place.line());
        });
    return json;
  }
}
