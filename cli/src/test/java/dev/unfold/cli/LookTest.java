package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `unfold look`
final class LookTest {
  @TempDir private Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path monthly() throws IOException {
    StringBuilder rows = new StringBuilder("month;shop;sales;note\n");
    for (int i = 0; i < 60; i++) {
      if (i != 40) {
        rows.append(LocalDate.of(2020, 1, 1).plusMonths(i))
            .append(";A;")
            .append(10 + i % 12)
            .append(i % 2 == 0 ? ",5" : "")
            .append(i == 7 ? ";?\n" : ";fine\n");
      }
    }
    return write("sales.csv", rows.toString());
  }

  @Test
  void look_atATable_tellsColumnsTimesAndWhatCouldGoWrong() throws IOException {
    Path file = monthly();
    String out = Cli.printed("look", file, "--by", "shop", "--target", "sales");

    assertEquals(
        """
        FILE: 59 rows, 4 columns, values with ; between them

          column  type    missing  values
          month   time       none  2020-01-01 to 2024-12-01
          shop    text       none  1 value: A 100.0 %
          sales   number     none  10.5 to 21, mean 15.771
          note    text      1.7 %  1 value: fine 98.3 %

        time      month (found), every month, 2020-01-01 to 2024-12-01
        gaps      1, 1 step missing
        repeated  none
        season    12 steps are usual for this frequency
                  sales: 12 steps, strength S (of differences)

        What could go wrong:
          shop: one value only
          note: one value only
          line 42, month: nothing between 2023-04-01 and 2023-06-01 (series A)
        """,
        out.replace(file.toString(), "FILE").replaceAll("strength [0-9.]+", "strength S"));
  }

  @Test
  void look_asJson_hasTheSame() throws IOException {
    List<JsonNode> lines = Cli.json("look", monthly(), "--json");

    assertEquals(1, lines.size());
    JsonNode all = lines.getFirst();
    assertEquals(59, all.get("rows").asInt());
    assertEquals("number", all.get("columns").get(2).get("type").asString());
    assertEquals(21, all.get("columns").get(2).get("most").asDouble());
    assertEquals("every month", all.get("time").get("frequency").asString());
    assertEquals(12, all.get("time").get("usual_season").asInt());
    assertEquals(1, all.get("time").get("missing_steps").asInt());
    assertEquals(12, all.get("targets").get(0).get("season").asInt());
    JsonNode gap = all.get("findings").get(2);
    assertEquals(42, gap.get("line").asInt(), gap.toString());
  }

  @Test
  void options_ofTheForm_areUsed() throws IOException {
    byte[] latin =
        "1,234#gr\u00fcn#01/02/2024\n2,5#-#03/04/2024\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(folder.resolve("l.txt"), latin);

    JsonNode all =
        Cli.json(
                "look",
                file,
                "--delimiter",
                "#",
                "--names",
                "v,c,t",
                "--encoding",
                "ISO-8859-1",
                "--na=-",
                "--decimal",
                ",",
                "--dates",
                "month-first",
                "--quote",
                "none",
                "--json")
            .getFirst();

    assertEquals(1.234, all.get("columns").get(0).get("least").asDouble());
    assertEquals(1, all.get("columns").get(1).get("missing").asInt());
    assertEquals("2024-01-02", all.get("columns").get(2).get("first").asString());
  }

  @Test
  void files_ofSeveralTables_areNamedInFindings() throws IOException {
    Path a = write("a.csv", "t,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n");
    Path b = write("b.csv", "t,v\n2024-01-05,4\n2024-01-06,5\n2024-01-07,9\n");

    String out = Cli.printed("look", a, b);
    assertTrue(out.contains("6 rows"), out);
    assertTrue(out.contains(b + ": line 2, t: nothing between 2024-01-03 and 2024-01-05"), out);
  }

  @Test
  void look_atASeriesARow_takesItsColumnsAsSaid() throws IOException {
    Path train = write("train.csv", "V1,V2,V3,V4\nA,1,2,3\nB,4,5,\n");
    Path test = write("test.csv", "V1,V2\nA,4\nB,6\n");

    JsonNode all = Cli.json("look", "--wide", train, test, "--json").getFirst();
    assertEquals(7, all.get("rows").asInt());
    assertEquals(2, all.get("series").asInt());
    assertEquals("step", all.get("time").get("column").asString());
    assertEquals(4, all.get("time").get("longest").asInt());
    assertEquals(0, all.get("time").get("repeated").asInt());
    assertEquals("value", all.get("targets").get(0).get("column").asString());
  }

  @Test
  void refusals_areOneLineWithFileAndLine() throws IOException {
    Path file = write("r.csv", "a,b\n1,2\n3\n");
    Cli cli = Cli.run("look", file);
    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of(
            "unfold: "
                + file
                + ": line 3: expected 2 values, as there are columns, got 1, the first 3"),
        cli.err());

    Path good = write("g.csv", "a,b\n1,2\n");
    Stream.of(
            List.of("--delimiter", "ab", "--delimiter: expected one character, got ab"),
            List.of(
                "--delimiter",
                "x",
                "--delimiter: expected a sign that is no letter, digit or line break, got x"),
            List.of("--decimal", ";", "--decimal: expected a point or a comma, got ;"),
            List.of("--dates", "dmy", "--dates: expected day-first or month-first, got dmy"),
            List.of(
                "--encoding",
                "klingon",
                "--encoding: expected a name such as UTF-8, ISO-8859-1 or windows-1252, got"
                    + " klingon"),
            List.of(
                "--tz",
                "Mars",
                "--tz: expected a zone such as Europe/Berlin, UTC or +01:00, got Mars"),
            List.of("--time", "c", "time: expected one of the columns a, b, got c"))
        .forEach(each -> {
          Cli refused = Cli.run("look", good, each.get(0), each.get(1));
          assertEquals(2, refused.exitCode(), each.toString());
          assertEquals(List.of("unfold: " + each.get(2)), refused.err());
        });
  }

  @Test
  void controlCharacters_ofAFile_areNotPrinted() throws IOException {
    String out = Cli.printed("look", write("c.csv", "a\u001b[31m,b\nx\u001b[0m,2\n"));
    assertFalse(out.contains("\u001b"), out);
  }

  @Test
  void standardInput_isCopiedAndDeleted() throws IOException, InterruptedException {
    Path content = monthly();
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "look",
                "-",
                "--json")
            .redirectInput(content.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    JsonNode all = Cli.jsonLines(out).getFirst();
    assertEquals("standard input", all.get("files").get(0).asString());
    assertEquals(59, all.get("rows").asInt());
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.filter(file -> file.toString().endsWith(".table")).toList());
    }
  }
}
