package dev.unfold.data.sets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SetSequencesTest {
  @TempDir private Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void read_ofTwoFiles_hasTheSequencesOfBoth() throws IOException {
    SetSequences sets =
        SetSequences.read(List.of(file("a", "5,3,3 - 10\r\n\n7"), file("b", " 0  1,2 \n")));
    assertEquals(3, sets.sequences().size());
    List<int[]> first = sets.sequences().getFirst();
    assertEquals(3, first.size());
    assertArrayEquals(new int[] {3, 5}, first.get(0));
    assertArrayEquals(new int[0], first.get(1));
    assertArrayEquals(new int[] {10}, first.get(2));
    assertArrayEquals(new int[] {7}, sets.sequences().get(1).getFirst());
    assertArrayEquals(new int[] {1, 2}, sets.sequences().get(2).get(1));
    assertEquals(11, sets.width());
    assertEquals(6, sets.steps());
    assertEquals(3, sets.longest());
    assertEquals(2, sets.sources().size());
  }

  @Test
  void read_withByteOrderMarks_leavesThemOut() throws IOException {
    String mark = "\uFEFF";
    SetSequences sets =
        SetSequences.read(List.of(file("a", mark + "1,2 3\n"), file("b", mark + "\n4\n")));

    assertEquals(2, sets.sequences().size());
    assertArrayEquals(new int[] {1, 2}, sets.sequences().getFirst().getFirst());
    assertArrayEquals(new int[] {4}, sets.sequences().getLast().getFirst());
  }

  @Test
  void read_withAMarkElsewhereOrAPartOfOne_isRefused() throws IOException {
    for (String text : List.of("1 \uFEFF2", "\n\uFEFF1", "\uFEFF\uFEFF1")) {
      Path file = file("mark", text);
      assertThrows(DataException.class, () -> SetSequences.read(List.of(file)), text);
    }
    byte[][] parts = {{(byte) 0xEF}, {(byte) 0xEF, (byte) 0xBB}, {(byte) 0xEF, (byte) 0xBB, '1'}};
    for (byte[] part : parts) {
      Path file = Files.write(folder.resolve("part"), part);
      String message =
          assertThrows(DataException.class, () -> SetSequences.read(List.of(file))).getMessage();
      assertEquals(
          file
              + ": line 1: expected numbers separated by commas, or a dash, got a part of a byte"
              + " order mark",
          message);
    }
    Path file = file("empty", "\uFEFF");
    assertThrows(DataException.class, () -> SetSequences.read(List.of(file)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 2,|line 1: expected a number after a comma, got none",
        ",1|line 1: expected a number before a comma, got none",
        "1 -2|line 1: expected numbers separated by commas, or a dash, got 2",
        "1-|line 1: expected a blank before a dash, got none",
        "1 a|line 1: expected numbers separated by commas, or a dash, got a",
        "65536|line 1: expected numbers up to 65535, got a larger one",
        "99999999999999999999|line 1: expected numbers up to 65535, got a larger one"
      })
  void read_ofWhatAreNoSets_namesTheLine(String text, String message) throws IOException {
    Path file = file("a", text);
    assertEquals(
        file + ": " + message,
        assertThrows(DataException.class, () -> SetSequences.read(List.of(file))).getMessage());
  }

  @Test
  void require_ofALargerNumberOrNothingToPredict_saysSo() throws IOException {
    Path wide = file("wide", "1 4");
    assertEquals(
        wide + ": expected numbers from 0 to 3, got 4",
        assertThrows(DataException.class, () -> SetSequences.read(List.of(wide)).require(4))
            .getMessage());
    Path single = file("short", "1\n2\n");
    assertEquals(
        single + ": expected a sequence of two steps or more, got none",
        assertThrows(DataException.class, () -> SetSequences.read(List.of(single)).require(4))
            .getMessage());
  }
}
