package dev.unfold.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompilationTest {
  private static final String USUAL = "mixed mode, sharing";

  private static Optional<String> refusal(String vmInfo, String... flags) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < flags.length; i += 2) {
      values.put(flags[i], flags[i + 1]);
    }
    return Compilation.refusal(vmInfo, values::get, () -> true);
  }

  private static void assertNames(String part, Optional<String> refusal) {
    assertTrue(refusal.orElse("none").contains(part), refusal.toString());
  }

  @Test
  void refusal_ofThisJvm_isNone() {
    assertEquals(Optional.empty(), Compilation.refusal());
  }

  @Test
  void refusal_interpretingJvm_namesTheFlag() {
    assertNames("-Xint", refusal("interpreted mode, sharing"));
  }

  @Test
  void refusal_jvmWithoutOptimisingCompiler_namesTheFlag() {
    assertNames("TieredStopAtLevel", refusal("mixed mode, emulated-client"));
    for (String level : new String[] {"0", "1", "2", "3"}) {
      assertNames("TieredStopAtLevel", refusal(USUAL, "TieredStopAtLevel", level));
    }
  }

  /// Without tiers the level means nothing, but for 0.
  @Test
  void refusal_levelWithoutTiers_isNone() {
    assertEquals(
        Optional.empty(), refusal(USUAL, "TieredStopAtLevel", "1", "TieredCompilation", "false"));
    assertNames(
        "TieredStopAtLevel",
        refusal(USUAL, "TieredStopAtLevel", "0", "TieredCompilation", "false"));
  }

  @Test
  void refusal_flagThatIsOff_namesIt() {
    for (String flag : new String[] {"UseCompiler", "EnableVectorSupport", "UseFMA"}) {
      assertNames("-XX:-" + flag, refusal(USUAL, flag, "false"));
      assertEquals(Optional.empty(), refusal(USUAL, flag, "true"));
    }
  }

  @Test
  void refusal_multiplyAddsThatAreSlow_namesFma() {
    assertNames("FMA", Compilation.refusal(USUAL, name -> null, () -> false));
    assertEquals(Optional.empty(), Compilation.refusal(USUAL, name -> null, () -> true));
  }

  @Test
  void flags_ofThisJvm_areTold() {
    assertEquals("true", VirtualMachineFlags.value("UseCompiler"));
    assertNull(VirtualMachineFlags.value("NoSuchFlag"));
  }

  @Test
  void probe_ofThisJvm_findsTheInstruction() {
    assertTrue(MultiplyAddProbe.isFast());
  }
}
