package dev.unfold.serve.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

/// Members read as they come are taken and refused as those of an object that is read whole.
final class MembersTest {
  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static Members first(String json) {
    Members members = Members.of(bytes(json));
    assertTrue(members.next());
    return members;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"1e2", "1.0", "\"1\"", "true", "[1]", "{}", "-1", "8", "100000000000000000000"})
  void whole_thatIsNone_isRefusedInTheSameWords(String value) {
    String json = "{\"a\":" + value + "}";
    Refusal whole = assertThrows(Refusal.class, () -> Fields.of(bytes(json)).whole("a", 0, 7));
    Refusal coming = assertThrows(Refusal.class, () -> first(json).whole(0, 7));

    assertEquals("a", coming.argument());
    assertEquals(whole.expected(), coming.expected());
  }

  @Test
  void members_ofEachKind_areRead() {
    try (Members members =
        Members.of(
            bytes(
                "{\"n\":null,\"w\":7,\"t\":\"x\",\"f\":true,\"l\":[3,-4],\"r\":[[1,2],[3,4]]}"))) {
      assertTrue(members.next());
      assertEquals("w", members.name(), "null is as good as nothing");
      assertEquals(7, members.whole(0, 7));
      assertTrue(members.next());
      assertEquals("x", members.text());
      assertTrue(members.next());
      assertTrue(members.flag());
      assertTrue(members.next());
      assertArrayEquals(new int[] {3, -4}, members.wholes());
      assertTrue(members.next());
      NumberTable table = members.table();
      assertEquals(2, table.rows());
      assertEquals(2, table.width());
      assertEquals(4, table.numbers()[3]);
      assertFalse(members.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":[]}", "{\"a\":[2147483648]}", "{\"a\":[1.5]}", "{\"a\":[null]}"})
  void wholes_thatAreNone_areRefusedByTheirMember(String json) {
    assertEquals("a", assertThrows(Refusal.class, () -> first(json).wholes()).argument());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[]}",
        "{\"a\":[[]]}",
        "{\"a\":[1]}",
        "{\"a\":[[1],[1,2]]}",
        "{\"a\":[[1e39]]}",
        "{\"a\":[[\"1\"]]}"
      })
  void table_thatIsNone_isRefusedByItsMember(String json) {
    assertEquals("a", assertThrows(Refusal.class, () -> first(json).table()).argument());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "{\"a\":1}{}", "{\"a\":1} 2"})
  void body_thatIsNoObjectAlone_isRefused(String json) {
    Refusal whole = assertThrows(Refusal.class, () -> Fields.of(bytes(json)));
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () -> {
              try (Members members = Members.of(bytes(json))) {
                while (members.next()) {
                  long _ = members.whole(0, 7);
                }
              }
            });
    assertEquals("body", refusal.argument());
    assertEquals("body", whole.argument());
    assertFalse(whole.getMessage().contains("jackson"), whole::getMessage);
  }

  @Test
  void member_thatIsNamedTwice_isRefusedByBoth() {
    String json = "{\"a\":1,\"a\":2}";
    assertThrows(JacksonException.class, () -> Fields.of(bytes(json)));
    assertThrows(
        JacksonException.class,
        () -> {
          try (Members members = Members.of(bytes(json))) {
            while (members.next()) {
              long _ = members.whole(0, 7);
            }
          }
        });
  }
}
