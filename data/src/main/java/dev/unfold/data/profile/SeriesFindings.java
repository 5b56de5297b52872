package dev.unfold.data.profile;

import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Month;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What could go wrong with series.
final class SeriesFindings {
  private static final int EXAMPLES = 3;

  private final Profiler profiler;
  private final TableProfile profile;
  private final Frequency frequency;
  private final List<Finding> findings = new ArrayList<>();

  SeriesFindings(Profiler profiler, TableProfile profile, Frequency frequency) {
    this.profiler = profiler;
    this.profile = profile;
    this.frequency = frequency;
  }

  List<Finding> all() {
    if (profile.time().isPresent()) {
      time(profile.time().get(), profiler.times().orElseThrow());
    } else {
      findings.add(
          Finding.of(
              "time", "no column has dates or times; --time COL names one of whole numbers"));
    }
    if (profiler.rowsOfOtherSeries() > 0) {
      findings.add(
          Finding.of(
              "series",
              "only the first %,d were looked at, and %,d rows belong to others"
                  .formatted(profile.series(), profiler.rowsOfOtherSeries())));
    }
    lengths();
    profile.targets().forEach(this::target);
    later();
    return findings;
  }

  private void time(TimeProfile time, Clock clock) {
    List<String> others =
        profile.columns().stream()
            .map(ColumnProfile::column)
            .filter(
                column -> column.type() == ColumnType.TIME && !column.name().equals(time.column()))
            .map(Column::name)
            .toList();
    if (time.isFound() && !others.isEmpty()) {
      findings.add(
          Finding.of(
              time.column(),
              "taken as the time, though %s could be it; --time says which"
                  .formatted(String.join(", ", others))));
    }
    findings.addAll(profiler.events(frequency));
    if (time.backwards() > 0) {
      findings.add(
          Finding.of(
              time.column(),
              "%s not in the order of time: gaps and duplicates are found between neighbours only"
                  .formatted(Profiler.rows(time.backwards()))));
    }
    duplicates(time, clock);
    if (frequency.equals(Frequency.IRREGULAR)) {
      findings.add(
          Finding.of(
              time.column(),
              "irregular: no distance between rows is the usual one; --gaps input reads"
                  + " distances"));
    }
    gaps(clock);
    if (time.others() > 0) {
      String names =
          profiler.series().values().stream()
              .filter(each -> differs(each.times().frequency(profiler.areTimesNumbers())))
              .sorted(Comparator.comparing(SeriesTrack::name))
              .limit(EXAMPLES)
              .map(each ->
                  "%s: %s"
                      .formatted(
                          each.name(), each.times().frequency(profiler.areTimesNumbers()).text()))
              .collect(Collectors.joining(", "));
      findings.add(
          Finding.of(
              time.column(),
              "%,d of %,d series with another frequency (%s)"
                  .formatted(time.others(), profile.series(), names)));
    }
  }

  private boolean differs(Frequency own) {
    return !own.equals(frequency) && !own.equals(Frequency.UNKNOWN);
  }

  private void duplicates(TimeProfile time, Clock clock) {
    if (time.duplicates() == 0) {
      return;
    }
    List<RowEvents.Repeat> some = profiler.duplicates();
    for (RowEvents.Repeat each : some) {
      findings.add(
          Finding.at(
              each.place(),
              time.column(),
              "%s is there a second time%s"
                  .formatted(clock.text(each.local(), frequency), Profiler.of(each.series()))));
    }
    if (time.duplicates() > some.size()) {
      findings.add(
          Finding.of(time.column(), "%,d rows repeat a time in all".formatted(time.duplicates())));
    }
    if (profiler.options().by().isEmpty() && 10 * time.duplicates() >= profile.rows()) {
      candidate()
          .ifPresent(name ->
              findings.add(
                  Finding.of(
                      "series",
                      "times repeat, as if there were several series; --by %s would tell them apart by it"
                          .formatted(name))));
    }
    boolean isClock =
        profiler.options().zone().isEmpty()
            && !clock.isZoned()
            && some.stream().allMatch(each -> isAutumnNight(each.local()));
    if (isClock && !clock.isOrder()) {
      findings.add(
          Finding.of(
              time.column(),
              "what repeats may be the hour that exists twice when clocks are put back; --tz ZONE"
                  + " says where"));
    }
  }

  /// A column of a few categories.
  private Optional<String> candidate() {
    return profile.columns().stream()
        .filter(each -> each.column().type() == ColumnType.TEXT && each.column().missing() == 0)
        .filter(each -> each.distinct().orElse(0) > 1)
        .max(Comparator.comparingInt(each -> each.distinct().orElse(0)))
        .map(each -> each.column().name());
  }

  private static boolean isAutumnNight(long local) {
    LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(local, SeriesTimes.DAY));
    long hour = Math.floorMod(local, SeriesTimes.DAY) / 3_600_000_000L;
    boolean isAutumn = day.getMonth() == Month.OCTOBER || day.getMonth() == Month.NOVEMBER;
    return isAutumn && day.getDayOfWeek() == DayOfWeek.SUNDAY && hour < 4;
  }

  /// A gap of some series.
  private record Gap(String series, StepCounts.Jump jump) {}

  private void gaps(Clock clock) {
    List<Gap> gaps = new ArrayList<>();
    long uneven = 0;
    for (SeriesTrack each : profiler.series().values()) {
      if (!each.times().frequency(profiler.areTimesNumbers()).unit().isRegular()) {
        continue;
      }
      StepCounts.Gaps found = each.times().gaps();
      uneven += found.uneven();
      found.examples().forEach(jump -> gaps.add(new Gap(each.name(), jump)));
      if (gaps.size() > 1000) {
        break;
      }
    }
    gaps.sort(
        Comparator.<Gap, String>comparing(gap -> gap.jump().place().file())
            .thenComparingLong(gap -> gap.jump().place().line()));
    for (Gap gap : gaps.subList(0, Math.min(EXAMPLES, gaps.size()))) {
      findings.add(
          Finding.at(
              gap.jump().place(),
              profile.time().orElseThrow().column(),
              "nothing between %s and %s%s"
                  .formatted(
                      clock.text(gap.jump().from(), frequency),
                      clock.text(gap.jump().to(), frequency),
                      Profiler.of(gap.series()))));
    }
    TimeProfile time = profile.time().orElseThrow();
    if (time.gaps() > EXAMPLES) {
      findings.add(
          Finding.of(
              time.column(),
              "%,d gaps in all, in which %,d steps are missing"
                  .formatted(time.gaps(), time.missingSteps())));
    }
    if (uneven > 0) {
      findings.add(
          Finding.of(time.column(), Profiler.rows(uneven) + " off the steps of the frequency"));
    }
  }

  /// The season that series are to be longer than.
  private int season() {
    return profile.targets().stream()
        .flatMap(target -> target.season().stream())
        .mapToInt(Season::lag)
        .max()
        .orElse(frequency.season());
  }

  private void lengths() {
    int season = season();
    List<SeriesTrack> shortOnes =
        profiler.series().values().stream()
            .filter(each -> each.times().rows() < 2L * season)
            .sorted(Comparator.comparing(SeriesTrack::name))
            .toList();
    if (season > 1 && !shortOnes.isEmpty()) {
      findings.add(
          Finding.of(
              "series",
              "%,d of %,d shorter than two seasons of %,d steps%s"
                  .formatted(
                      shortOnes.size(),
                      profile.series(),
                      season,
                      Profiler.of(shortOnes.getFirst().name()))));
    }
  }

  private void target(TargetProfile target) {
    boolean isSaid = !profiler.options().targets().isEmpty();
    if (profile.series() > 1 && target.constant() > 0) {
      findings.add(
          Finding.of(target.column(), "one value only in %,d series".formatted(target.constant())));
    }
    if (profile.series() > 1 && target.empty() > 0) {
      findings.add(Finding.of(target.column(), "no value in %,d series".formatted(target.empty())));
    }
    if (isSaid && target.zeroShare() >= 0.5) {
      findings.add(
          Finding.of(
              target.column(), "%.0f %% of the values are 0".formatted(100 * target.zeroShare())));
    }
  }

  /// Columns with values behind the last of the targets.
  private void later() {
    if (profiler.options().targets().isEmpty()) {
      return;
    }
    List<String> known = new ArrayList<>();
    for (ColumnProfile each : profile.columns()) {
      int index = each.column().index();
      boolean isOwn =
          profiler.times().map(clock -> clock.has(each.column())).orElse(false)
              || profiler.options().by().contains(each.column().name());
      boolean isLater =
          profiler.series().values().stream()
              .anyMatch(track -> track.later() != null && track.later()[index] > 0);
      if (isLater && !isOwn) {
        known.add(each.column().name());
      }
    }
    if (!known.isEmpty()) {
      findings.add(
          Finding.of(String.join(", ", known), "known later than the last value of the target"));
    }
  }
}
