package dev.unfold.kernels.vector;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/// Whether the JVM makes vector instructions of the Vector API. Where it does not, every vector is an object and every
/// multiply-add without an instruction for it a calculation with big decimals: results are the same, but take longer
/// than the scalar backend needs, up to a hundred times.
final class Compilation {
  private static final int OPTIMISING = 4;

  private Compilation() {}

  /// Why the Vector API is not compiled here, and what would help; empty if it is, as far as can be told.
  static Optional<String> refusal() {
    return Found.REFUSAL;
  }

  /// Neither changes while the JVM runs.
  private static final class Found {
    static final Optional<String> REFUSAL =
        refusal(
            System.getProperty("java.vm.info", ""), Compilation::flag, MultiplyAddProbe::isFast);
  }

  /// The same for a JVM with these properties.
  ///
  /// @param vmInfo its `java.vm.info`
  /// @param flags its flags by their names; null for what is not known
  /// @param fusesFast whether a fused multiply-add is an instruction
  static Optional<String> refusal(
      String vmInfo, UnaryOperator<String> flags, BooleanSupplier fusesFast) {
    if (vmInfo.contains("interpreted mode")) {
      return Optional.of("the JVM only interprets; leave out -Xint");
    }
    if (vmInfo.contains("emulated-client") || stopsEarly(flags)) {
      return Optional.of(
          "the JVM runs without its optimising compiler; leave out -XX:TieredStopAtLevel");
    }
    if (isOff("UseCompiler", flags)) {
      return Optional.of("the JVM compiles nothing; leave out -XX:-UseCompiler");
    }
    if (isOff("EnableVectorSupport", flags)) {
      return Optional.of("the JVM does not compile vectors; leave out -XX:-EnableVectorSupport");
    }
    if (isOff("UseFMA", flags) || !fusesFast.getAsBoolean()) {
      return Optional.of(
          "the JVM has no instruction for fused multiply-adds, and without it scalar is faster; it"
              + " takes a processor with FMA, or a virtual machine that shows it, and no"
              + " -XX:-UseFMA or -XX:UseAVX=0");
    }
    return Optional.empty();
  }

  private static boolean isOff(String flag, UnaryOperator<String> flags) {
    return "false".equals(flags.apply(flag));
  }

  /// Level 0 means no tiers in the JVM's own reading, and no compiler at all.
  private static boolean stopsEarly(UnaryOperator<String> flags) {
    String level = flags.apply("TieredStopAtLevel");
    boolean tiers = !isOff("TieredCompilation", flags);
    return level != null && (tiers || level.equals("0")) && Integer.parseInt(level) < OPTIMISING;
  }

  private static String flag(String name) {
    try {
      return VirtualMachineFlags.value(name);
    } catch (LinkageError e) {
      // The module that tells is absent.
      return null;
    }
  }
}
