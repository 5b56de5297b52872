package dev.unfold.argument;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

final class RefusalTest {
  @Test
  void message_saysWhichArgumentWhatWasExpectedAndWhatCame() {
    Throwable cause = new ArithmeticException();
    Refusal refusal = new Refusal("hidden", "1 or more", 0, cause);

    assertEquals("hidden: expected 1 or more, got 0", refusal.getMessage());
    assertEquals("--hidden: expected 1 or more, got 0", refusal.withName("--hidden"));
    assertEquals("hidden", refusal.argument());
    assertEquals("1 or more", refusal.expected());
    assertEquals("0", refusal.got());
    assertSame(cause, refusal.getCause());
  }

  @Test
  void message_ofAPart_namesBoth() {
    Refusal refusal = Refusal.within("init", "bias", "a number", "x");

    assertEquals("init: bias: expected a number, got x", refusal.getMessage());
    assertEquals("--init: bias: expected a number, got x", refusal.withName("--init"));
    assertEquals("init", refusal.argument());
  }

  @Test
  void message_ofAnEmptyText_saysThatNothingCame() {
    assertEquals("a: expected b, got nothing", new Refusal("a", "b", "").getMessage());
    assertEquals("a: expected b, got null", new Refusal("a", "b", null).getMessage());
  }
}
