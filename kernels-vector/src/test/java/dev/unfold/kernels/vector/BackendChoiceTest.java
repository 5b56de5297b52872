package dev.unfold.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The choice among both backends, in this JVM and in one that lacks what the vector backend needs.
class BackendChoiceTest {
  private static final String FLAG = "--add-modules jdk.incubator.vector";

  @Test
  void named_unknown_listsBothNames() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> Backends.named("abacus", Precision.FLOAT));
    assertEquals("backend: expected one of vector, scalar, got abacus", thrown.getMessage());
  }

  @Test
  void named_vectorInDouble_givesTheReason() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> Backends.named("vector", Precision.DOUBLE));
    assertTrue(thrown.getMessage().startsWith("backend vector: "), thrown.getMessage());
  }

  @Test
  void best_withoutTheModule_isScalarAndWarnsOnceWithTheFlag() throws Exception {
    ChildJvm.Result result = ChildJvm.run(ChooseBackend.class);
    String output = result.output();
    assertEquals(0, result.status(), output);
    assertEquals(3, count(output, "backend: scalar"), output);
    assertEquals(1, count(output, "running on the scalar backend; vector was refused"), output);
    assertEquals(1, count(output, "named: backend vector: module"), output);
    assertEquals(2, count(output, FLAG), output);
  }

  @Test
  void best_interpreted_isScalarAndWarns() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(ChooseBackend.class, "--add-modules=jdk.incubator.vector", "-Xint");
    assertEquals(3, count(result.output(), "backend: scalar"), result.output());
    assertTrue(result.output().contains("leave out -Xint"), result.output());
  }

  @Test
  void best_vectorsUnder128Bits_isScalarAndWarns() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            ChooseBackend.class, "--add-modules=jdk.incubator.vector", "-XX:MaxVectorSize=8");
    assertEquals(3, count(result.output(), "backend: scalar"), result.output());
    assertTrue(result.output().contains("vectors have 64 bits"), result.output());
  }

  /// Each leaves the Vector API without its instructions, and the vector backend slower than the scalar one.
  @ParameterizedTest
  @CsvSource({
    "-XX:-UseFMA, fused multiply-adds",
    "-XX:UseAVX=0, fused multiply-adds",
    "-XX:TieredStopAtLevel=0, optimising compiler",
    "-XX:TieredStopAtLevel=1, optimising compiler",
    "-XX:TieredStopAtLevel=3, optimising compiler",
    "-XX:-UseCompiler, compiles nothing",
    "-XX:-EnableVectorSupport, does not compile vectors"
  })
  void best_whereVectorsAreNotCompiled_isScalarAndWarns(String flag, String reason)
      throws Exception {
    assumeTrue(!flag.contains("AVX") || System.getProperty("os.arch").equals("amd64"));
    ChildJvm.Result result =
        ChildJvm.run(
            ChooseBackend.class,
            "--add-modules=jdk.incubator.vector",
            "-XX:+UnlockExperimentalVMOptions",
            flag);
    String output = result.output();
    assertEquals(3, count(output, "backend: scalar"), output);
    assertEquals(1, count(output, "vector was refused: "), output);
    assertEquals(1, count(output, "named: backend vector: "), output);
    assertEquals(2, count(output, reason), output);
  }

  /// The module that tells flags is absent here: what is left is to try.
  @Test
  void best_withoutFusedMultiplyAddsWhereNoFlagsAreTold_isScalarAndWarns() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            ChooseBackend.class,
            "--limit-modules=jdk.incubator.vector",
            "--add-modules=jdk.incubator.vector",
            "-XX:-UseFMA");
    assertEquals(3, count(result.output(), "backend: scalar"), result.output());
    assertEquals(2, count(result.output(), "fused multiply-adds"), result.output());
  }

  @Test
  void best_whereNoFlagsAreTold_isVector() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            ChooseBackend.class,
            "--limit-modules=jdk.incubator.vector",
            "--add-modules=jdk.incubator.vector");
    assertEquals(3, count(result.output(), "backend: vector"), result.output());
  }

  @Test
  void best_withTheModule_isVectorAndDoesNotWarn() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(ChooseBackend.class, "--add-modules=jdk.incubator.vector");
    assertEquals(3, count(result.output(), "backend: vector"), result.output());
    assertEquals(0, count(result.output(), "refused"), result.output());
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
