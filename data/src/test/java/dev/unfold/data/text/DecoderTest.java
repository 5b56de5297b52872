package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecoderTest {
  @Test
  void next_ofBytes_showsACharacterWithItsLastByte() {
    // "é", "€" and an emoji, as the Unicode standard encodes them.
    assertEquals(
        List.of("a", "", "é", "", "", "€", "", "", "", "\uD83D\uDE00", ""),
        pieces("61 C3A9 E282AC F09F9880"));
  }

  @Test
  void next_ofBytesThatAreNoUtf8_showsReplacements() {
    assertEquals(List.of("\uFFFD", "a", ""), pieces("FF 61"));
    // The byte after an unfinished character shows that it is one.
    assertEquals(List.of("", "\uFFFDa", ""), pieces("C3 61"));
  }

  @Test
  void end_afterAnUnfinishedCharacter_showsOneReplacement() {
    assertEquals(List.of("a", "", "", "", "\uFFFD"), pieces("61 F09F98"));
  }

  @Test
  void end_always_startsANewText() {
    Decoder decoder = new Decoder(Vocabulary.ofBytes());
    assertEquals("", decoder.next(0xC3));
    assertEquals("\uFFFD", decoder.end());
    assertEquals("a", decoder.next('a'));
    assertEquals("", decoder.end());

    Vocabulary words = VocabularyTest.all(Unit.WORD, "a\n");
    Decoder ofWords = new Decoder(words);
    int a = words.id("a").orElseThrow();
    assertEquals("a", ofWords.next(a));
    assertEquals(" a", ofWords.next(a));
    assertEquals("", ofWords.end());
    assertEquals("a", ofWords.next(a));
  }

  @Test
  void next_ofAnyBytes_addsUpToWhatTheJdkDecodes() {
    long seed = 20260102;
    System.out.println("next_ofAnyBytes_addsUpToWhatTheJdkDecodes: seed " + seed);
    Random random = new Random(seed);
    byte[] common = {'a', (byte) 0x80, (byte) 0xBF, (byte) 0xC3, (byte) 0xE2, (byte) 0xF0};
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      for (int j = 0; j < bytes.length; j++) {
        if (random.nextBoolean()) {
          bytes[j] = common[random.nextInt(common.length)];
        }
      }
      String hex = HexFormat.of().formatHex(bytes);
      assertEquals(
          new String(bytes, StandardCharsets.UTF_8), String.join("", pieces(hex)), () -> hex);
    }
  }

  /// What each byte adds, and at last the end.
  private static List<String> pieces(String hex) {
    Decoder decoder = new Decoder(Vocabulary.ofBytes());
    List<String> pieces = new ArrayList<>();
    for (byte b : HexFormat.of().parseHex(hex.replace(" ", ""))) {
      pieces.add(decoder.next(Byte.toUnsignedInt(b)));
    }
    pieces.add(decoder.end());
    return pieces;
  }
}
