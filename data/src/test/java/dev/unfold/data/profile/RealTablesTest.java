package dev.unfold.data.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tables that are not part of the project: the folder named by the environment variable `UNFOLD_DATA`, or else
/// `../shared/data` beside the repository.
final class RealTablesTest {
  private static final Path DATA = data();

  @BeforeAll
  static void needs_data() {
    if (!Files.isDirectory(DATA)) {
      String reason =
          "SKIPPED all tests with real tables: no folder %s (set UNFOLD_DATA)".formatted(DATA);
      System.err.println(reason);
      abort(reason);
    }
  }

  private static Path data() {
    String named = System.getenv("UNFOLD_DATA");
    if (named != null) {
      return Path.of(named);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder.getParent() != null && !Files.exists(folder.resolve(".git"))) {
      folder = folder.getParent();
    }
    return folder.resolveSibling("shared").resolve("data");
  }

  private static TableProfile look(String file, TableOptions options) {
    try (Table table = Table.read(List.of(TableFile.of(DATA.resolve(file))), options)) {
      return TableProfile.of(table, ProfileOptions.defaults());
    }
  }

  private static TargetProfile target(TableProfile profile, String column) {
    return profile.targets().stream()
        .filter(each -> each.column().equals(column))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void passengers_areMonthlyWithASeasonOfAYear() {
    TableProfile profile = look("airpassengers/airline-passengers.csv", TableOptions.defaults());

    assertEquals(144, profile.rows());
    assertEquals("every month", profile.time().orElseThrow().frequency().text());
    assertEquals(12, target(profile, "Passengers").season().orElseThrow().lag());
    assertEquals(List.of(), profile.findings());
  }

  @Test
  void temperatures_areHourlyWithASeasonOfADay() {
    TableProfile profile = look("etth1/ETTh1.csv", TableOptions.defaults());

    assertEquals(17_420, profile.rows());
    assertEquals("every hour", profile.time().orElseThrow().frequency().text());
    assertEquals(24, target(profile, "HUFL").season().orElseThrow().lag());
    assertEquals(List.of(), profile.findings());
  }

  @Test
  void sunspots_areMonthlyByTwoColumnsWithASeasonOfElevenYears() {
    TableProfile profile =
        look(
            "sunspots/SN_m_tot_V2.0.csv",
            TableOptions.defaults().withMissing(Set.of("-1", "-1.0")));

    assertEquals(3316, profile.rows());
    assertEquals("year, month", profile.time().orElseThrow().column());
    assertEquals("every month", profile.time().orElseThrow().frequency().text());
    int season = target(profile, "number").season().orElseThrow().lag();
    assertTrue(season > 120 && season < 140, "season " + season);
    assertEquals(List.of(), profile.findings());
    TableProfile plain = look("sunspots/SN_m_tot_V2.0.csv", TableOptions.defaults());
    assertTrue(
        plain.findings().getFirst().text().contains("--na=-1.0"), plain.findings().toString());
  }

  @Test
  void weeks_ofACompetition_areOneSeriesARow() {
    TableProfile profile = look("m4-weekly/Weekly-train.csv", TableOptions.defaults());

    assertEquals(359, profile.rows());
    assertEquals(2598, profile.columns().size());
    assertEquals(ColumnType.TEXT, profile.columns().getFirst().column().type());
    assertTrue(
        profile.findings().getFirst().text().contains("one series a row"),
        profile.findings().toString());
  }

  @Test
  void words_withoutNamesAndQuotes_areRows() {
    TableProfile profile =
        look("ewt/ewt.dev.tsv", TableOptions.defaults().withNames(List.of("form", "upos", "xpos")));

    assertEquals(25_147, profile.rows());
    assertEquals(17, profile.columns().get(1).distinct().orElseThrow());
  }
}
